#include "sdk/own_partition_mapper.h"

#include <algorithm>

#include "sdk/timetable.h"
#include "venturi/partition_mapper.h"

namespace venturi::inline sdk {

OwnPartitionMapper::~OwnPartitionMapper() = default;
std::optional<Time> OwnPartitionMapper::to_partition_date(const std::string& /*downstream_key*/) const {
  return std::nullopt;
}
Object OwnPartitionMapper::serialize() const {
  return {};
}

namespace internal {

Object ask_partition_mapper(const detail::DagNode& dag, const Value& question) {
  const std::string place = question.get_string("mapper");
  const Schedule& schedule = dag.options.schedule;
  const OwnPartitionMapper* mapper = nullptr;
  if (schedule.kind() == Schedule::Kind::timetable) {
    for (const detail::OwnMapper& own : schedule.timetable().own_mappers) {
      if (own.place == place) mapper = own.mapper;
    }
  }
  if (mapper == nullptr) return {{"error", "DAG " + dag.dag_id + " has no partition mapper of the program's own at " + place}};
  Array keys, dates;
  for (std::string& key : mapper->to_downstream(question.get_string("key"))) {
    const auto date = mapper->to_partition_date(key);
    dates.push_back(date ? Value(format_time(*date)) : Value());
    keys.emplace_back(std::move(key));
  }
  return {{"keys", std::move(keys)}, {"dates", std::move(dates)}};
}

}  // namespace internal
}  // namespace venturi::inline sdk
