#include "lanes/yaml/partition_words.h"

#include <array>
#include <utility>

namespace venturi::lanes::yaml {
namespace {

using enum KeyKind;
using Arguments = std::vector<PartitionWord::Argument>;

constexpr auto directions = std::to_array<std::string_view>({"forward", "backward"});

PartitionWord mapper(std::string_view name, std::string_view help, Arguments arguments) {
  arguments.push_back({{"max_downstream_keys", integer,
                        "So many runs of one event at most; [scheduler] partition_mapper_max_downstream_keys", 1}});
  return {name, help, std::move(arguments)};
}

PartitionWord temporal(std::string_view name, std::string_view help, std::string_view output_help) {
  return mapper(name, help,
                {{{"timezone", text, "In which keys are times; UTC"}},
                 {{"input_format", text, "Of the keys of events; \"%Y-%m-%dT%H:%M:%S\""}},
                 {{"output_format", text, output_help}}});
}

PartitionWord window(std::string_view name, std::string_view help) {
  return {name,
          help,
          {{{"direction", window_direction,
             "forward: the members that begin with the period; backward: the last ones up to it; forward"}}}};
}

}  // namespace

std::span<const PartitionWord> partition_mapper_words() {
  static const std::vector<PartitionWord> all{
      mapper("IdentityMapper", "The same key", {}),
      mapper("AllowedKeyMapper", "The same key, where it is one of these",
             {{{"allowed_keys", texts, "Events with others make no run"}, true}}),
      mapper("FixedKeyMapper", "One key for all", {{{"downstream_key", text, "That of the run"}, true}}),
      temporal("StartOfHourMapper", "The hour that the key lies in", "Of the keys of runs; \"%Y-%m-%dT%H\""),
      temporal("StartOfDayMapper", "Its day", "Of the keys of runs; \"%Y-%m-%d\""),
      temporal("StartOfWeekMapper", "The Monday of its week", "Of the keys of runs; \"%Y-%m-%d (W%V)\""),
      temporal("StartOfMonthMapper", "Its month", "Of the keys of runs; \"%Y-%m\""),
      temporal("StartOfQuarterMapper", "Its quarter", "Of the keys of runs; \"%Y-Q{quarter}\""),
      temporal("StartOfYearMapper", "Its year", "Of the keys of runs; \"%Y\""),
      mapper("ProductMapper", "Mapper by mapper for the parts of a key",
             {{{"mappers", partition_mappers, "One for each part, at least two"}, true},
              {{"delimiter", text, "Between the parts; a vertical bar"}}}),
      mapper("ChainMapper", "One mapper after the other", {{{"mappers", partition_mappers, "At least two"}, true}}),
      mapper("RollupMapper", "Several events make one run: it waits for the members of its period",
             {{{"upstream_mapper", partition_mapper, "From an event's key to that of its period"}, true},
              {{"window", partition_window, "The members of a period"}, true},
              {{"wait_policy", wait_policy, "How many of them it waits for; WaitForAll"}}}),
      mapper("FanOutMapper", "One event makes a run for each member of its period",
             {{{"upstream_mapper", partition_mapper, "From an event's key to that of its period"}, true},
              {{"window", partition_window, "The members of a period"}, true},
              {{"downstream_mapper", partition_mapper, "What gives the keys of runs; by the window, of a day and longer"}}})};
  return all;
}

std::span<const PartitionWord> partition_window_words() {
  static const std::vector<PartitionWord> all{
      window("HourWindow", "60 minutes"),
      window("DayWindow", "24 hours"),
      window("WeekWindow", "7 days"),
      window("MonthWindow", "The days of a month"),
      window("QuarterWindow", "3 months"),
      window("YearWindow", "12 months"),
      {"SegmentWindow", "The same keys for each period", {{{"segments", texts, "These"}, true}}}};
  return all;
}

std::span<const PartitionWord> wait_policy_words() {
  static const std::vector<PartitionWord> all{
      {"WaitForAll", "All members", {}},
      {"MinimumCount", "So many", {{{"n", integer, "Below 0: all but so many", -1'000'000}, true}}}};
  return all;
}

std::span<const std::string_view> window_direction_words() {
  return directions;
}

}  // namespace venturi::lanes::yaml
