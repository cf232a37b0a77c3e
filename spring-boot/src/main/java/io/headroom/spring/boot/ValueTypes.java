package io.headroom.spring.boot;

import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;

/**
 * Reads types as Java writes them: {@code com.example.Book}, {@code
 * java.util.List<com.example.Book>}, {@code java.util.Map<String, java.util.List<Long>>}, {@code
 * long}, {@code byte[]}. What is in {@code java.lang} needs no package, and a primitive is its
 * wrapper.
 */
final class ValueTypes {

  private final String text;
  private int at;

  private ValueTypes(String text) {
    this.text = text;
  }

  /**
   * Reads a type.
   *
   * @return a class, or a type with arguments
   * @throws IllegalArgumentException if it is none, or names a class that is not here
   */
  static Type parse(String text) {
    ValueTypes types = new ValueTypes(text);
    ResolvableType type = types.type();
    types.skipBlanks();
    if (types.at < text.length()) {
      throw types.unexpected();
    }
    return type.hasGenerics() ? type.getType() : type.toClass();
  }

  private ResolvableType type() {
    String name = name();
    Class<?> raw = load(name);
    if (!next('<')) {
      return ResolvableType.forClass(raw);
    }
    List<ResolvableType> arguments = new ArrayList<>();
    do {
      arguments.add(type());
    } while (next(','));
    if (!next('>')) {
      throw unexpected();
    }
    if (raw.getTypeParameters().length != arguments.size()) {
      throw new IllegalArgumentException(
          name
              + " has "
              + raw.getTypeParameters().length
              + " type parameters, not "
              + arguments.size());
    }
    return ResolvableType.forClassWithGenerics(raw, arguments.toArray(ResolvableType[]::new));
  }

  private String name() {
    int from = at;
    while (at < text.length() && "<>,".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    String name = text.substring(from, at).strip();
    if (name.isEmpty()) {
      throw unexpected();
    }
    return name;
  }

  private void skipBlanks() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
  }

  private boolean next(char expected) {
    skipBlanks();
    if (at < text.length() && text.charAt(at) == expected) {
      at++;
      return true;
    }
    return false;
  }

  private static Class<?> load(String name) {
    ClassLoader loader = ClassUtils.getDefaultClassLoader();
    String inJavaLang = "java.lang." + name;
    try {
      return ClassUtils.resolvePrimitiveIfNecessary(
          name.indexOf('.') < 0 && ClassUtils.isPresent(inJavaLang, loader)
              ? ClassUtils.forName(inJavaLang, loader)
              : ClassUtils.forName(name, loader));
    } catch (ClassNotFoundException | LinkageError absent) {
      throw new IllegalArgumentException("no class that is here: " + name, absent);
    }
  }

  private IllegalArgumentException unexpected() {
    return new IllegalArgumentException(
        "no type: '" + text + "' at character " + (Math.min(at, text.length()) + 1));
  }
}
