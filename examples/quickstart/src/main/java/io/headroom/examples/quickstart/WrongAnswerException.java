package io.headroom.examples.quickstart;

/** That an answer is not what it must be. */
final class WrongAnswerException extends RuntimeException {

  private static final long serialVersionUID = 1;

  WrongAnswerException(String about) {
    super("wrong answer: " + about);
  }
}
