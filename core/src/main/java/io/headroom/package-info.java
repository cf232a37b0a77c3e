/** The one of everything that the Headroom libraries share. */
@NullMarked
package io.headroom;

import org.jspecify.annotations.NullMarked;
