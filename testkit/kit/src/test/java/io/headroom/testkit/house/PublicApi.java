package io.headroom.testkit.house;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What of some packages others can use: public types, and what is public or protected in them, as
 * text. One line each, so that a change of one is a line in a review.
 */
final class PublicApi {

  private static final Set<JavaModifier> TOLD =
      Set.of(JavaModifier.STATIC, JavaModifier.ABSTRACT, JavaModifier.PROTECTED);

  private final JavaClasses classes;

  PublicApi(JavaClasses classes) {
    this.classes = classes;
  }

  /** The lines of these packages, in order. */
  List<String> of(Collection<String> packages) {
    List<String> lines = new ArrayList<>();
    classes.stream()
        .filter(type -> packages.contains(type.getPackageName()))
        .filter(PublicApi::isSeen)
        .sorted((one, other) -> one.getName().compareTo(other.getName()))
        .forEach(
            type -> {
              lines.add(head(type));
              members(type).forEach(member -> lines.add("  " + member));
            });
    return lines;
  }

  private static boolean isSeen(JavaClass type) {
    return isSeen(type.getModifiers())
        && !type.getSimpleName().equals("package-info")
        && type.getEnclosingClass().map(PublicApi::isSeen).orElse(true);
  }

  private static boolean isSeen(Set<JavaModifier> modifiers) {
    return (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED))
        && !modifiers.contains(JavaModifier.SYNTHETIC)
        && !modifiers.contains(JavaModifier.BRIDGE);
  }

  private static String head(JavaClass type) {
    StringBuilder text = new StringBuilder(type.getName());
    text.append(generics(type.getTypeParameters())).append(':');
    for (JavaModifier each : List.of(JavaModifier.ABSTRACT, JavaModifier.FINAL)) {
      boolean told = !type.isInterface() && !type.isEnum() && !type.isRecord();
      text.append(told && type.getModifiers().contains(each) ? " " + lower(each) : "");
    }
    text.append(
        type.isAnnotation()
            ? " annotation"
            : type.isInterface()
                ? " interface"
                : type.isEnum() ? " enum" : type.isRecord() ? " record" : " class");
    type.getSuperclass()
        .map(JavaType::getName)
        .filter(name -> !name.matches("java\\.lang\\.(Object|Record|Enum<.*>)"))
        .ifPresent(name -> text.append(" extends ").append(shortly(name)));
    String interfaces =
        type.getInterfaces().stream()
            .map(JavaType::getName)
            .sorted()
            .map(PublicApi::shortly)
            .collect(Collectors.joining(", "));
    return text.append(interfaces.isEmpty() ? "" : " implements " + interfaces).toString();
  }

  private static Set<String> members(JavaClass type) {
    Predicate<JavaMember> seen =
        member ->
            isSeen(member.getModifiers())
                && !(type.isEnum() && member.getName().matches("values|valueOf|<init>"));
    Set<String> lines = new TreeSet<>();
    type.getFields().stream().filter(seen).map(PublicApi::line).forEach(lines::add);
    type.getConstructors().stream().filter(seen).map(PublicApi::line).forEach(lines::add);
    // What a type inherits from one that is not seen is as if it were its own.
    Stream.iterate(
            type,
            each -> each != null && (each == type || !isSeen(each)),
            each -> each.getRawSuperclass().orElse(null))
        .filter(each -> each.getPackageName().startsWith("io.headroom"))
        .flatMap(each -> each.getMethods().stream())
        .filter(seen)
        .map(PublicApi::line)
        .forEach(lines::add);
    return lines;
  }

  private static String line(JavaField field) {
    return modifiers(field) + shortly(field.getType().getName()) + " " + field.getName();
  }

  private static String line(JavaConstructor constructor) {
    return modifiers(constructor) + "new" + parameters(constructor);
  }

  private static String line(JavaMethod method) {
    String generics = generics(method.getTypeParameters());
    return modifiers(method)
        + (generics.isEmpty() ? "" : generics + " ")
        + shortly(method.getReturnType().getName())
        + " "
        + method.getName()
        + parameters(method);
  }

  private static String modifiers(JavaMember member) {
    boolean byItself = member.getOwner().isInterface();
    String text =
        member.getModifiers().stream()
            .filter(TOLD::contains)
            .filter(each -> !(byItself && each == JavaModifier.ABSTRACT))
            .map(PublicApi::lower)
            .sorted()
            .map(each -> each + " ")
            .collect(Collectors.joining());
    boolean isDefault =
        byItself
            && member instanceof JavaMethod
            && !member.getModifiers().contains(JavaModifier.ABSTRACT)
            && !member.getModifiers().contains(JavaModifier.STATIC);
    return (member.isAnnotatedWith(Deprecated.class) ? "deprecated " : "")
        + (isDefault ? "default " : "")
        + text;
  }

  private static String parameters(JavaCodeUnit unit) {
    String thrown =
        unit.getExceptionTypes().stream()
            .map(JavaClass::getName)
            .sorted()
            .map(PublicApi::shortly)
            .collect(Collectors.joining(", "));
    return unit.getParameterTypes().stream()
            .map(JavaType::getName)
            .map(PublicApi::shortly)
            .collect(Collectors.joining(", ", "(", ")"))
        + (thrown.isEmpty() ? "" : " throws " + thrown);
  }

  private static String generics(List<? extends JavaType> parameters) {
    return parameters.isEmpty()
        ? ""
        : parameters.stream().map(JavaType::getName).collect(Collectors.joining(", ", "<", ">"));
  }

  private static String lower(JavaModifier modifier) {
    return modifier.name().toLowerCase(java.util.Locale.ROOT);
  }

  private static String shortly(String name) {
    return name.replace("java.lang.", "");
  }
}
