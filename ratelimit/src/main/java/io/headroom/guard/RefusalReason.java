package io.headroom.guard;

/** Why a guard refused. */
public enum RefusalReason {

  /** The load is too high for one of this criticality and cohort: others are let in instead. */
  SHED,

  /**
   * There are as many waiting as may, or they would make this one wait for longer than one may; or
   * one that is more critical took its place among them.
   */
  QUEUE_FULL,

  /** It waited for as long as one may, or until its deadline. */
  TIMED_OUT,

  /** It would wait past its deadline, or that has passed already. */
  DEADLINE,

  /**
   * It holds a connection and wants another, as a transaction within a transaction does, and so do
   * all others who have one: none of them would ever get it.
   */
  DEADLOCK
}
