// How the partition keys of events become those of a consumer's runs: Airflow's partition mappers, in their serialized form
// (airflow/partition_mappers).
//
//   {"__type": "airflow.partition_mappers.identity.IdentityMapper", "__var": {}}
//   {"__type": "...temporal.StartOfDayMapper", "__var": {"timezone": "UTC", "input_format": "...", "output_format":
//   "%Y-%m-%d"}}
//   {"__type": "...base.RollupMapper", "__var": {"upstream_mapper": {...}, "window": {...}, "wait_policy": {...}}}
//   {"__type": "venturi.program.RegionMapper", "__var": {...}}    a class of the user's, whose program has to be asked
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "schedule/time_zone.h"
#include "venturi/value.h"

namespace venturi::schedule {

// What mappers of the user's say, as far as their program was asked: for one event, which is mapped again when more is known.
struct OwnMapperAnswers {
  struct Question {
    std::string mapper;      // where it stands: "default_partition_mapper.mappers.1"
    std::string class_name;  // for messages
    std::string key;
    friend auto operator<=>(const Question&, const Question&) = default;
  };
  struct Answer {
    std::vector<std::string> keys;
    std::vector<std::optional<Time>> dates;  // what each says of time
    std::optional<Error> refusal;            // in place of keys: it threw
  };
  std::map<Question, Answer> known = {};
  std::set<Question> wanted = {};  // what was not known when an event was mapped
  // What they say of a key of a run.
  [[nodiscard]] std::optional<Time> date_of(const std::string& key) const;
};

class PartitionMapper {
 public:
  virtual ~PartitionMapper() = default;
  // The keys of runs for which a key of an event counts. An error where it is none for this mapper, or where `answers` wants
  // more.
  [[nodiscard]] virtual Result<std::vector<std::string>> to_downstream(const std::string& key,
                                                                       OwnMapperAnswers& answers) const = 0;
  // Whether a program may have to be asked.
  [[nodiscard]] virtual bool asks() const { return false; }
  // What a run's key says of time.
  [[nodiscard]] virtual Result<std::optional<Time>> partition_date(const std::string&) const { return std::nullopt; }
  // Whether what the event's run says of time holds for the consumer's run too.
  [[nodiscard]] virtual bool carries_date() const { return false; }
  // Whether the run of this key has all events that it waits for, when those with these keys have come.
  [[nodiscard]] virtual Result<bool> is_satisfied(const std::string&, const std::set<std::string>&) const { return true; }

  std::optional<int> max_downstream_keys;
};

// `place`: where it stands in its timetable.
[[nodiscard]] Result<std::shared_ptr<const PartitionMapper>> make_partition_mapper(const Value& serialized,
                                                                                   const TimeZones& zones,
                                                                                   const std::string& place = {});

// Those of one schedule, by asset.
class PartitionMappers {
 public:
  // "default_partition_mapper" and "partition_mapper_config" of the timetable's "__var".
  [[nodiscard]] static Result<PartitionMappers> read(const Value& var, const TimeZones& zones);

  [[nodiscard]] const PartitionMapper& of(std::string_view name, std::string_view uri) const;
  // As JSON: what was collected by another one counts no more.
  [[nodiscard]] const std::string& definition() const { return definition_; }

 private:
  std::map<std::string, std::shared_ptr<const PartitionMapper>, std::less<>> by_name_, by_uri_;
  std::shared_ptr<const PartitionMapper> default_;
  std::string definition_;
};

}  // namespace venturi::schedule
