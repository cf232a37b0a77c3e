/** A JDBC driver that answers at once: what is left of a borrow and a query is the library's. */
@NullMarked
package io.headroom.benchmarks.stub;

import org.jspecify.annotations.NullMarked;
