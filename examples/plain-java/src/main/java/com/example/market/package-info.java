/**
 * A market of many stalls in plain Java, at six stages of its growth: from {@link
 * com.example.market.Stage1OneDatabase} to {@link com.example.market.Stage6Limits}. Each stage is
 * the one before it and one module of Headroom.
 */
@NullMarked
package com.example.market;

import org.jspecify.annotations.NullMarked;
