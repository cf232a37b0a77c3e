/** What each stage buys, measured: {@link com.example.market.growth.Growth}. */
@NullMarked
package com.example.market.growth;

import org.jspecify.annotations.NullMarked;
