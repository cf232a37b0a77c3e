/** What the servlet filters of this module share. Exported to nobody. */
@NullMarked
package io.headroom.ratelimit.servlet;

import org.jspecify.annotations.NullMarked;
