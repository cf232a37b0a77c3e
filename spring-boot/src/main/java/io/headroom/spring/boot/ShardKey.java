package io.headroom.spring.boot;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The parameter that has the shard key: while the bean's method works, plain connections of the
 * sharded data source go to the shard of that key, as in {@link
 * io.headroom.sharding.ShardedDataSource#call}.
 *
 * <pre>{@code
 * @Transactional
 * public void place(@ShardKey long userId, Order order) {
 *   orders.save(order); // on the user's shard
 * }
 * }</pre>
 *
 * <p>It may stand on a class's method or on its interface's, at one parameter of each. The scope
 * opens before {@code @Transactional} begins, and within {@code @Async}, so on the thread that does
 * the work. As with both of them, calls are seen that come to the bean from outside of it; what a
 * bean calls of its own opens no scope.
 *
 * <p>The call throws {@link IllegalArgumentException} if the key is null, or the router cannot
 * route it; and {@link IllegalStateException} if a transaction is active that a scope for another
 * key is around, or that has a connection of another shard.
 */
@Documented
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
public @interface ShardKey {}
