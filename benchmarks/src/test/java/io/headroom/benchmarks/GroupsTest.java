package io.headroom.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.benchmarks.report.Origin;
import io.headroom.benchmarks.report.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class GroupsTest {

  @Test
  void haveDistinctNames() {
    assertThat(Groups.all()).extracting(Group::name).doesNotHaveDuplicates();
  }

  @Test
  void meetNoReachWithoutFigures() {
    Origin origin = Origin.here(LocalDate.EPOCH, "none");
    for (Group group : Groups.all()) {
      assertThat(group.section().print(new Samples(List.of()), origin))
          .contains("not measured")
          .doesNotContain("| yes |");
    }
  }

  @Test
  void areAllInTheReadme() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    assertThat(Groups.all())
        .allSatisfy(group -> assertThat(readme).containsPattern("\\b" + group.name() + "\\b"));
  }
}
