package io.headroom.testkit.observability;

/** A query asks for something that is not there, or makes no sense. */
final class PromQlException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  PromQlException(String query, String fault) {
    super(fault + ", in: " + query.strip());
  }
}
