package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The text of a map, what is kept in it, and what is refused. */
class ShardMapJsonTest {

  private static final ShardMap MAP =
      ShardMap.builder()
          .shard(Shard.of("a").withWeight(0.1).withZone("z"))
          .shard("b")
          .owners(List.of("a", "b", "a", "a"))
          .pin(5, "b")
          .build()
          .startMove(1, "a");

  @Test
  void isReadable() {
    assertThat(MAP.toJson())
        .isEqualTo(
            """
            {
              "format": 1,
              "epoch": 2,
              "slotCount": 4,
              "nextPinSlot": 1048577,
              "shards": [
                {"id": "a", "weight": 0.1, "zone": "z", "slots": "0,2-3"},
                {"id": "b", "weight": 1, "slots": "1"}
              ],
              "slots": [
                {"slots": "1", "state": "MOVING", "target": "a", "version": 1}
              ],
              "pins": [
                {"slot": 1048576, "type": "integer", "key": "5", "shard": "b"}
              ],
              "fingerprint": "%s"
            }
            """
                .formatted(MAP.fingerprint()));
  }

  /** Reads a text after an edit, with the fingerprint that goes with it. */
  private static ShardMap readWithFingerprint(String json) {
    try {
      return ShardMap.parse(json);
    } catch (ShardMapException e) {
      Matcher matcher = Pattern.compile("its content is '(\\w{16})'").matcher(e.getMessage());
      assertThat(matcher.find()).as(e.getMessage()).isTrue();
      return ShardMap.parse(
          json.replaceFirst(
              "\"fingerprint\": \"\\w+\"", "\"fingerprint\": \"" + matcher.group(1) + "\""));
    }
  }

  @Test
  void keepsUnknownFieldsAtEveryLevelThroughChanges() {
    String json =
        MAP.toJson()
            .replace(
                "\"slotCount\": 4,",
                "\"slotCount\": 4, \"comment\": {\"b\": [1, 2.50], \"a\": null},")
            .replace("\"weight\": 1,", "\"weight\": 1, \"engine\": \"pg18\",")
            .replace("\"version\": 1}", "\"version\": 1, \"token\": \"t1\"}")
            .replace("\"shard\": \"b\"}", "\"shard\": \"b\", \"since\": 2026}");
    ShardMap map = readWithFingerprint(json);
    assertThat(map).isNotEqualTo(MAP);
    assertThat(map.fingerprint()).isNotEqualTo(MAP.fingerprint());
    assertThat(map.slotStatus(1).extra()).containsEntry("token", "t1");
    assertThat(ShardMap.parse(map.toJson())).isEqualTo(map);
    ShardMap changed = map.completeMove(1);
    changed = changed.rebalance(changed.membership().with(Shard.of("c"))).start().doubled();
    changed = changed.withPin("x", "c");
    assertThat(changed.toJson())
        .contains("  \"comment\": {\"a\": null, \"b\": [1, 2.5]}")
        .contains("\"engine\": \"pg18\"")
        .contains("\"token\": \"t1\"")
        .contains("\"since\": 2026");
    ShardMap assigned = map.completeMove(1).rebalance(Membership.of("b")).assign();
    assertThat(assigned.toJson()).contains("\"engine\": \"pg18\"", "\"comment\"");
  }

  @Test
  void orderAndSpacingOfFieldsDoNotMatter() {
    String json = MAP.toJson().replace("\n", "\r\n\t").replace("\"weight\": 0.1, ", "");
    json = json.replace("\"slots\": \"0,2-3\"", "\"slots\": \"0,2,3\", \"weight\": 1e-1");
    assertThat(ShardMap.parse(json)).isEqualTo(MAP);
  }

  @Test
  void refusesAnEditedTextAndSaysWhatToDo() {
    assertThatThrownBy(() -> ShardMap.parse(MAP.toJson().replace("\"epoch\": 2", "\"epoch\": 3")))
        .isInstanceOf(ShardMapException.class)
        .hasMessageContaining("fingerprint is '" + MAP.fingerprint() + "'")
        .hasMessageContaining("last good copy");
  }

  @Test
  void refusesANewerFormat() {
    assertThatThrownBy(() -> ShardMap.parse(MAP.toJson().replace("\"format\": 1", "\"format\": 2")))
        .isInstanceOf(ShardMapException.class)
        .hasMessageContaining("format 2, newer than 1")
        .hasMessageContaining("update Headroom");
  }

  /** From, to, and words of the message; a tick stands for a quote. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "`format`: 1        | `format`: 0              | the whole.format is 0",
        "`format`: 1        | `format`: `1`            | the whole.format is \"1\"",
        "`epoch`: 2         | `epoch`: 0               | the whole.epoch is 0",
        "`epoch`: 2         | `epoch`: 2.5             | the whole.epoch is 2.5",
        "`epoch`: 2         | `epoch`: 2, `epoch`: 2   | line 3, column 15: the field \"epoch\" is"
            + " given twice",
        "`slotCount`: 4     | `slotCount`: 5           | 1 of 5 slots are owned by nobody (4)",
        "`slotCount`: 4     | `slotCount`: 3           | shards[0].slots: slot 3 is beyond the"
            + " last",
        "`slotCount`: 4     | `slotCount`: 2000000     | the whole.slotCount is 2000000",
        "`0,2-3`            | `0-3`                    | shards[1].slots: slot 1 is owned by 'a'"
            + " too",
        "`0,2-3`            | `0,3-2`                  | not ascending",
        "`0,2-3`            | `0,2-3,`                 | expected ',' and a slot",
        "`0,2-3`            | `0;2-3`                  | expected ',' and a slot",
        "`0,2-3`            | `0,2-x`                  | expected a slot's number at character 4",
        "`0,2-3`            | `0,2-99999999999`        | expected a slot's number",
        "`0,2-3`            | 7                        | shards[0].slots is 7: give a text",
        "`id`: `b`          | `id`: `a`                | shards: shard 'a' is given twice",
        "`id`: `b`          | `id`: ` `                | shards[1]: shard id ' ' is blank",
        "`id`: `b`          | `name`: `b`              | shards[1].id is missing",
        "`weight`: 1,       | `weight`: 0,             | shards[1]: shard 'b' has weight 0.0",
        "`weight`: 1,       | `weight`: 1e999999999,   | has weight Infinity",
        "`weight`: 1,       | `weight`: `1`,           | shards[1].weight is \"1\": give a number",
        "`weight`: 1,       | `weight`: 1, `labels`: 1,| shards[1].labels is 1: give an object",
        "`weight`: 1,       | `weight`: 1, `state`: `GONE`,| shards[1].state is 'GONE'",
        "`state`: `MOVING`  | `state`: `MOVED`         | slots[0].state is 'MOVED'",
        "`state`: `MOVING`  | `state`: `OWNED`         | OWNED with the target 'a'",
        "`target`: `a`, `version`  | `version`         | MOVING without a target",
        "`target`: `a`      | `target`: `b`            | is on its way to 'b', which owns it",
        "`target`: `a`      | `target`: `z`            | slots[0]: shard 'z' is not in the map",
        "`slots`: `1`, `state` | `slots`: `4`, `state` | slots[0]: slot 4 is not in the map",
        "`slots`: `1`, `state` | `slots`: `1048577`, `state` | slot 1048577 is not in the map",
        "`version`: 1}      | `version`: 1}, {`slots`: `1`, `state`: `OWNED`, `version`: 1} | slot"
            + " 1 has two statuses",
        "`version`: 1       | `version`: -1            | slots[0].version is -1",
        "`type`: `integer`  | `type`: `float`          | type 'float' is none of",
        "`key`: `5`         | `key`: `05`              | '05' is not how a key of type integer is"
            + " written",
        "`key`: `5`         | `key`: `five`            | pins[0]",
        "`shard`: `b`}      | `shard`: `z`}            | pins[0]: shard 'z' is not in the map",
        "`slot`: 1048576    | `slot`: 7                | pins[0].slot is 7",
        "`slot`: 1048576    | `slot`: 1048577          | pins[0].slot is 1048577",
        "`shard`: `b`}      | `shard`: `b`}, {`slot`: 1048577, `type`: `integer`, `key`: `5`,"
            + " `shard`: `b`} | pins[1].slot",
        "`nextPinSlot`: 1048577 | `nextPinSlot`: 5     | the whole.nextPinSlot is 5",
        "`nextPinSlot`      | `regions`: [1], `nextPinSlot` | regions has 1: give texts",
        "`nextPinSlot`      | `regions`: [`eu`], `nextPinSlot` | shard 'a' is in region none",
        "`nextPinSlot`      | `regions`: 1, `nextPinSlot` | the whole.regions is 1: give a list",
        "`fingerprint`      | `fingerprinu`            | the whole.fingerprint is missing",
        "`zone`: `z`        | `zone`: `\\ud800`        | line 7, column 40: the text has a lone"
            + " surrogate",
        "`zone`: `z`        | `zone`: `\\x`            | no such escape, found 'x'",
        "`zone`: `z`        | `zone`: `\\u00g0`        | four hexadecimal digits",
        "`zone`: `z`        | `zone`: nul              | expected a value",
        "`zone`: `z`        | `zone`: 01               | expected ',' or '}', found '1'",
        "`zone`: `z`        | `zone`: -                | expected a value",
        "`zone`: `z`        | `zone`: 1e99999999999    | a number out of range",
        "`zone`: `z`        | zone: 1                  | expected a field's name in quotes",
        "`zone`: `z`        | `zone` `z`               | expected ':'",
        "`zone`: `z`        | `zone`: [1 2]            | expected ',' or ']'",
      })
  void refusesWhatIsWrongAndSaysWhere(String from, String to, String words) {
    String json = MAP.toJson();
    String edited = json.replace(from.strip().replace('`', '"'), to.strip().replace('`', '"'));
    assertThat(edited).isNotEqualTo(json);
    assertThatThrownBy(() -> ShardMap.parse(edited))
        .isInstanceOf(ShardMapException.class)
        .hasMessageContaining(words.strip());
  }

  @Test
  void refusesAMoveToAnotherRegion() {
    String json =
        ShardMap.builder()
            .slots(4)
            .regions("eu", "us")
            .shard(Shard.of("e1").withRegion("eu"))
            .shard(Shard.of("u1").withRegion("us"))
            .build()
            .rebalance(
                Membership.of(
                    List.of(Shard.of("e2").withRegion("eu"), Shard.of("u1").withRegion("us"))))
            .start()
            .toJson();
    String edited = json.replace("\"target\": \"e2\"", "\"target\": \"u1\"");
    assertThat(edited).isNotEqualTo(json);
    refused(edited, "slot 0 belongs to region 'eu', but is on its way to 'u1'");
  }

  @Test
  void refusesWhatIsNoMap() {
    refused("", "it is empty");
    refused(" \n", "it is empty");
    refused("[]", "the whole is []: give an object");
    refused("{}", "the whole.format is missing");
    refused("{\"format\": tru", "cut off");
    refused(MAP.toJson() + "x", "there is more after the end");
    refused("[".repeat(40), "nested deeper than 32");
    refused("{\"a\": \"\n\"}", "line 1, column 8: a control character inside a text");
    refused("9".repeat(1001), "more than 1000 characters");
    refused(" ".repeat(JsonReader.MAX_LENGTH + 1), "this is no map");
  }

  private static void refused(String json, String words) {
    assertThatThrownBy(() -> ShardMap.parse(json))
        .isInstanceOf(ShardMapException.class)
        .hasMessageContaining(words);
  }

  @Test
  void readsEveryEscape() {
    ShardMap map =
        readWithFingerprint(
            MAP.toJson()
                .replace("\"zone\"", "\"x\": \"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9é\", \"zone\""));
    assertThat(map.toJson()).contains("\"x\": \"\\\"\\\\/\\u0008\\u000c\\u000a\\u000d\\u0009éé\"");
    assertThat(ShardMap.parse(map.toJson())).isEqualTo(map);
  }

  @Test
  void writesDecimalsShortAndAlikeOnEveryJvm() {
    assertThat(Decimals.shortest(2e-3)).hasToString("0.002");
    for (double number : new double[] {1.1e-4, 0.1 + 0.2, Math.PI, 1e15, Double.MIN_VALUE}) {
      assertThat(Decimals.shortest(number).doubleValue()).isEqualTo(number);
    }
    // JDK-4511638: before JDK 19, Double.toString has a digit too many for this one.
    assertThat(Decimals.shortest(Double.parseDouble("2e23"))).hasToString("2E+23");
    assertThat(Decimals.shortest(0)).hasToString("0");
  }
}
