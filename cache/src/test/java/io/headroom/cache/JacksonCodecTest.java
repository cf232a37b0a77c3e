package io.headroom.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JacksonCodecTest {

  record Address(String city, List<String> lines) {}

  record Profile(long id, String name, Address address) {}

  static class Bean {
    private int count;

    public int getCount() {
      return count;
    }

    public void setCount(int count) {
      this.count = count;
    }
  }

  private static final Profile ADA =
      new Profile(42, "Ada \uD83D\uDE00", new Address("London", List.of("12 St James's Sq", "")));

  private final JacksonCodec<Profile> codec = JacksonCodec.of(Profile.class);

  @Test
  void recordsComeBack() throws Exception {
    assertThat(codec.decode(codec.encode(ADA))).isEqualTo(ADA);
    assertThat(new String(codec.encode(ADA), UTF_8)).startsWith("{\"id\":42,\"name\":\"Ada");
  }

  @Test
  void beansComeBack() throws Exception {
    Bean bean = new Bean();
    bean.setCount(7);
    JacksonCodec<Bean> beans = JacksonCodec.of(Bean.class);
    assertThat(beans.decode(beans.encode(bean)).getCount()).isEqualTo(7);
  }

  @Test
  void genericTypesComeBack() throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    JavaType type = mapper.getTypeFactory().constructCollectionType(List.class, Profile.class);
    JacksonCodec<List<Profile>> lists = JacksonCodec.of(mapper, type);
    assertThat(lists.decode(lists.encode(List.of(ADA, ADA)))).containsExactly(ADA, ADA);
  }

  @Test
  void anOlderProcessReadsWhatANewerOneWrote() throws Exception {
    byte[] newer = "{\"id\":1,\"name\":\"n\",\"address\":null,\"new\":{\"x\":[1]}}".getBytes(UTF_8);
    assertThat(codec.decode(newer)).isEqualTo(new Profile(1, "n", null));
  }

  @Test
  void aMapperOfYourOwnDecidesOnUnknownProperties() {
    JacksonCodec<Bean> strict = JacksonCodec.of(new ObjectMapper(), Bean.class);
    assertThatThrownBy(() -> strict.decode("{\"new\":1}".getBytes(UTF_8)))
        .hasMessageContaining("\"new\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{\"id\":1}}", "{\"id\":1} 2", "[]", "7", "\"x\"", "\0"})
  void otherBytesAreRefused(String bytes) {
    assertThatThrownBy(() -> codec.decode(bytes.getBytes(UTF_8))).isInstanceOf(Exception.class);
  }

  /** Jackson escapes surrogates one by one, so that even one without its other half comes back. */
  @Test
  void aLoneSurrogateComesBack() throws Exception {
    Profile lone = new Profile(1, "\uD83D", null);
    assertThat(codec.decode(codec.encode(lone))).isEqualTo(lone);
  }

  @Test
  void nestingWithoutEndIsAnException() {
    byte[] nested = "{\"x\":".repeat(100_000).getBytes(UTF_8);
    assertThatThrownBy(() -> codec.decode(nested)).isInstanceOf(Exception.class);
  }

  @Test
  void aMapperWithDefaultTypingIsRefused() {
    ObjectMapper typing =
        new ObjectMapper()
            .activateDefaultTyping(
                BasicPolymorphicTypeValidator.builder().allowIfBaseType(Object.class).build());
    assertThatThrownBy(() -> JacksonCodec.of(typing, Profile.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(Profile.class.getName())
        .hasMessageContaining("default typing");
    typing.deactivateDefaultTyping();
    assertThat(JacksonCodec.of(typing, Profile.class)).isNotNull();
  }

  private record Aged(long id, int age) {}

  @Test
  void aNumberThatIsMissingIsNotTakenForZero() throws Exception {
    JacksonCodec<Aged> codec = JacksonCodec.of(Aged.class);
    assertThat(codec.decode("{\"id\":1,\"age\":7,\"name\":\"Ada\"}".getBytes(UTF_8)))
        .isEqualTo(new Aged(1, 7));
    assertThatThrownBy(() -> codec.decode("{\"id\":1,\"name\":\"Ada\"}".getBytes(UTF_8)))
        .hasMessageContaining("age");
    assertThat(codec.toString()).startsWith("JSON of ").contains("Aged");
  }
}
