package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Types as people write them. */
class ValueTypesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "java.lang.String | java.lang.String",
        "String | java.lang.String",
        "long | java.lang.Long",
        "Integer | java.lang.Integer",
        "byte[] | [B",
        "java.util.List<java.util.UUID> | java.util.List<java.util.UUID>",
        "java.util.Map< String , java.util.List<Long> > |"
            + " java.util.Map<java.lang.String, java.util.List<java.lang.Long>>",
        "java.util.Set<int> | java.util.Set<java.lang.Integer>"
      })
  void theyAreRead(String text, String type) {
    assertThat(ValueTypes.parse(text).getTypeName().replace("byte[]", "[B")).isEqualTo(type);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "java.util.List<java.util.UUID | at character 30",
        "java.util.List<> | at character 16",
        "java.util.List<String>> | at character 23",
        "java.util.List<String> x | at character",
        "java.util.List<String, String> | 1 type parameters, not 2",
        "String<Long> | 0 type parameters, not 1",
        "com.example.Nobody | no class that is here: com.example.Nobody",
        "java.util.List<com.example.Nobody> | no class that is here: com.example.Nobody"
      })
  void whatIsNoneIsSaidToBe(String text, String why) {
    assertThatThrownBy(() -> ValueTypes.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  @Test
  void noTypeIsNone() {
    assertThatThrownBy(() -> ValueTypes.parse("")).isInstanceOf(IllegalArgumentException.class);
  }
}
