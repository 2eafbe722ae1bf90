// Schedules on partitioned assets: how the keys of events become those of runs.
//
//   {mapper: RollupMapper, upstream_mapper: {mapper: StartOfWeekMapper, input_format: "%Y-%m-%d"}, window: WeekWindow}
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "lanes/yaml/calendar.h"
#include "lanes/yaml/options.h"
#include "lanes/yaml/partition_words.h"
#include "venturi/partition.h"

namespace venturi::lanes::yaml {

class PartitionReader {
 public:
  PartitionReader(Problems& problems, Calendar& calendar)
      : problems_(problems), calendar_(calendar), values_(problems), options_(problems) {}

  // Nothing where it is a problem.
  [[nodiscard]] std::optional<PartitionMapper> mapper(Given given, int depth = 0);
  // A mapper for each of some of the schedule's assets, by uri or name.
  [[nodiscard]] std::vector<std::pair<Asset, PartitionMapper>> config(Given given, const AssetExpression& assets);

 private:
  struct Arguments;

  // The word that `given` names under `key`, with its arguments read; nothing where it is a problem.
  [[nodiscard]] std::optional<Arguments> read(Given given, std::string_view key, std::string_view what,
                                              std::span<const PartitionWord> words, int depth);
  void read_argument(Arguments& arguments, const Key& key, const YamlNode& node, int depth);
  void read_text(Arguments& arguments, Given given);
  [[nodiscard]] std::optional<PartitionWindow> window(Given given, int depth);
  [[nodiscard]] std::optional<WaitPolicy> policy(Given given, int depth);

  Problems& problems_;
  Calendar& calendar_;
  Values values_;
  OptionReader options_;
};

}  // namespace venturi::lanes::yaml
