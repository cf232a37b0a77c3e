package io.headroom.spring.cache;

import io.headroom.RequestContext;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Tells a request's context of Spring's transactions, so that caches mind them as they mind those
 * of Headroom's own connections. Used only where {@code spring-tx} is there.
 */
final class SpringTransactions {

  /** What is bound to a transaction that the context was told of. */
  private static final Object TOLD = new Object();

  private SpringTransactions() {}

  /** Tells of the thread's transaction, if it may write and has not been told of yet. */
  static void join() {
    if (TransactionSynchronizationManager.isSynchronizationActive()
        && TransactionSynchronizationManager.isActualTransactionActive()
        && !TransactionSynchronizationManager.isCurrentTransactionReadOnly()
        && !TransactionSynchronizationManager.hasResource(TOLD)) {
      RequestContext context = RequestContext.current();
      TransactionSynchronizationManager.registerSynchronization(new Told(context));
      TransactionSynchronizationManager.bindResource(TOLD, context);
      context.writeTransactionOpened();
    }
  }

  private record Told(RequestContext context) implements TransactionSynchronization {

    /** Another transaction begins on this thread, which is to be told of for itself. */
    @Override
    public void suspend() {
      TransactionSynchronizationManager.unbindResourceIfPossible(TOLD);
    }

    @Override
    public void resume() {
      TransactionSynchronizationManager.bindResource(TOLD, context);
    }

    @Override
    public void afterCompletion(int status) {
      TransactionSynchronizationManager.unbindResourceIfPossible(TOLD);
      context.writeTransactionClosed();
    }
  }
}
