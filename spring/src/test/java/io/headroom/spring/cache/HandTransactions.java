package io.headroom.spring.cache;

import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

/** Spring's transactions with no resource under them; for one thread. */
final class HandTransactions extends AbstractPlatformTransactionManager {

  private static final long serialVersionUID = 1L;

  private boolean open;

  @Override
  protected Object doGetTransaction() {
    return this;
  }

  @Override
  protected boolean isExistingTransaction(Object transaction) {
    return open;
  }

  @Override
  protected void doBegin(Object transaction, TransactionDefinition definition) {
    open = true;
  }

  @Override
  protected Object doSuspend(Object transaction) {
    open = false;
    return this;
  }

  @Override
  protected void doResume(Object transaction, Object suspended) {
    open = true;
  }

  @Override
  protected void doCommit(DefaultTransactionStatus status) {}

  @Override
  protected void doRollback(DefaultTransactionStatus status) {}

  @Override
  protected void doCleanupAfterCompletion(Object transaction) {
    open = false;
  }
}
