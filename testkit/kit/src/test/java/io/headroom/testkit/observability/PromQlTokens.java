package io.headroom.testkit.observability;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The words of a PromQL query, one after the other. */
final class PromQlTokens {

  enum Kind {
    NAME,
    NUMBER,
    DURATION,
    STRING,
    SIGN,
    END
  }

  record Token(Kind kind, String text) {

    boolean is(String sign) {
      return kind != Kind.STRING && text.equals(sign);
    }
  }

  /**
   * In this order: a duration begins like a number, and signs of two characters like those of one.
   */
  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*(?:(?<name>[a-zA-Z_][a-zA-Z0-9_:]*)"
              + "|(?<duration>(?:[0-9]+(?:ms|[smhdwy]))+)(?![a-zA-Z0-9_])"
              + "|(?<number>[0-9]*\\.?[0-9]+(?:[eE][-+]?[0-9]+)?)(?![a-zA-Z0-9_.])"
              + "|\"(?<string>(?:[^\"\\\\]|\\\\.)*)\""
              + "|(?<sign>=~|!~|!=|==|>=|<=|[-+*/%^<>=(){}\\[\\],:]))");

  private final String query;
  private final List<Token> tokens = new ArrayList<>();
  private int next;

  PromQlTokens(String query) {
    this.query = query;
    String text = query.strip();
    Matcher matcher = TOKEN.matcher(text);
    int at = 0;
    while (at < text.length()) {
      if (!matcher.region(at, text.length()).lookingAt()) {
        throw new PromQlException(
            query, "cannot be read from here on: " + text.substring(at).strip());
      }
      tokens.add(token(matcher));
      at = matcher.end();
    }
  }

  private static Token token(Matcher matcher) {
    for (Kind kind : Kind.values()) {
      String text = kind == Kind.END ? null : matcher.group(kind.name().toLowerCase(Locale.ROOT));
      if (text != null) {
        return new Token(kind, text);
      }
    }
    throw new AssertionError("every alternative is of a kind");
  }

  Token peek() {
    return peek(0);
  }

  Token peek(int ahead) {
    int index = next + ahead;
    return index < tokens.size() ? tokens.get(index) : new Token(Kind.END, "the end");
  }

  Token take() {
    Token token = peek();
    next++;
    return token;
  }

  /** Takes the next one if it is this. */
  boolean taken(String sign) {
    boolean is = peek().is(sign);
    if (is) {
      next++;
    }
    return is;
  }

  void expect(String sign) {
    if (!taken(sign)) {
      throw new PromQlException(query, "expected '" + sign + "', found '" + peek().text() + "'");
    }
  }

  String expect(Kind kind) {
    if (peek().kind() != kind) {
      throw new PromQlException(query, "expected a " + kind + ", found '" + peek().text() + "'");
    }
    return take().text();
  }
}
