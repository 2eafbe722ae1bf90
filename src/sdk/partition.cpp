#include "venturi/partition.h"

#include <array>
#include <stdexcept>
#include <string_view>

#include "sdk/asset.h"
#include "sdk/encode.h"
#include "sdk/own_fields.h"
#include "sdk/timetable.h"
#include "venturi/partition_mapper.h"

namespace venturi::inline sdk {
namespace {

using internal::typed;

const std::string root = "airflow.partition_mappers.";

Array values_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

Array serialized_of(const std::vector<PartitionMapper>& mappers) {
  Array list;
  for (const PartitionMapper& mapper : mappers) list.push_back(mapper.serialized());
  return list;
}

Object temporal(const TemporalKeys& keys, const char* output_format) {
  return {{"timezone", keys.timezone},
          {"input_format", keys.input_format},
          {"output_format", keys.output_format.empty() ? std::string(output_format) : keys.output_format}};
}

// As in Airflow: what a period's members are called where nothing is said.
PartitionMapper members_of(const PartitionWindow& window) {
  if (window.name() == "DayWindow") return StartOfHourMapper();
  if (window.name() == "WeekWindow" || window.name() == "MonthWindow") return StartOfDayMapper();
  if (window.name() == "QuarterWindow" || window.name() == "YearWindow") return StartOfMonthMapper();
  throw std::invalid_argument("FanOutMapper: of a " + window.name() + " the mapper of the runs' keys has to be given");
}

}  // namespace

PartitionMapper::PartitionMapper(const char* type, Object var) : serialized_(typed(root + type, std::move(var))) {}

PartitionMapper::PartitionMapper(const OwnPartitionMapper* own, std::string_view name)
    : own_{{"", detail::Shared(own, detail::destroy<OwnPartitionMapper>), own}} {
  serialized_ = typed("venturi.program." + internal::struct_name(name), own->serialize());
}

void PartitionMapper::hold(const std::string& place, const PartitionMapper& mapper) {
  for (const detail::OwnMapper& own : mapper.own_)
    own_.push_back({own.place.empty() ? place : place + "." + own.place, own.object, own.mapper});
}

PartitionMapper PartitionMapper::max_downstream_keys(int most) const {
  if (most < 1) throw std::invalid_argument("max_downstream_keys has to be above 0");
  PartitionMapper limited = *this;
  limited.serialized_.as_object().find("__var")->as_object().set("max_downstream_keys", most);
  return limited;
}

IdentityMapper::IdentityMapper() : PartitionMapper("identity.IdentityMapper", {}) {}
AllowedKeyMapper::AllowedKeyMapper(const std::vector<std::string>& allowed_keys)
    : PartitionMapper("allowed_key.AllowedKeyMapper", {{"allowed_keys", values_of(allowed_keys)}}) {}
FixedKeyMapper::FixedKeyMapper(const std::string& downstream_key)
    : PartitionMapper("fixed_key.FixedKeyMapper", {{"downstream_key", downstream_key}}) {}
StartOfHourMapper::StartOfHourMapper(const TemporalKeys& keys)
    : PartitionMapper("temporal.StartOfHourMapper", temporal(keys, "%Y-%m-%dT%H")) {}
StartOfDayMapper::StartOfDayMapper(const TemporalKeys& keys)
    : PartitionMapper("temporal.StartOfDayMapper", temporal(keys, "%Y-%m-%d")) {}
StartOfWeekMapper::StartOfWeekMapper(const TemporalKeys& keys)
    : PartitionMapper("temporal.StartOfWeekMapper", temporal(keys, "%Y-%m-%d (W%V)")) {}
StartOfMonthMapper::StartOfMonthMapper(const TemporalKeys& keys)
    : PartitionMapper("temporal.StartOfMonthMapper", temporal(keys, "%Y-%m")) {}
StartOfQuarterMapper::StartOfQuarterMapper(const TemporalKeys& keys)
    : PartitionMapper("temporal.StartOfQuarterMapper", temporal(keys, "%Y-Q{quarter}")) {}
StartOfYearMapper::StartOfYearMapper(const TemporalKeys& keys)
    : PartitionMapper("temporal.StartOfYearMapper", temporal(keys, "%Y")) {}
ProductMapper::ProductMapper(const std::vector<PartitionMapper>& mappers, const std::string& delimiter)
    : PartitionMapper("product.ProductMapper", {{"delimiter", delimiter}, {"mappers", serialized_of(mappers)}}) {
  for (std::size_t i = 0; i < mappers.size(); ++i) hold("mappers." + std::to_string(i), mappers[i]);
}
ChainMapper::ChainMapper(const std::vector<PartitionMapper>& mappers)
    : PartitionMapper("chain.ChainMapper", {{"mappers", serialized_of(mappers)}}) {
  for (std::size_t i = 0; i < mappers.size(); ++i) hold("mappers." + std::to_string(i), mappers[i]);
}
RollupMapper::RollupMapper(const PartitionMapper& upstream_mapper, const PartitionWindow& window, const WaitPolicy& wait_policy)
    : PartitionMapper("base.RollupMapper", {{"upstream_mapper", upstream_mapper.serialized()},
                                            {"window", window.serialized()},
                                            {"wait_policy", wait_policy.serialized()}}) {
  hold("upstream_mapper", upstream_mapper);
}
FanOutMapper::FanOutMapper(const PartitionMapper& upstream_mapper, const PartitionWindow& window)
    : FanOutMapper(upstream_mapper, window, members_of(window)) {}
FanOutMapper::FanOutMapper(const PartitionMapper& upstream_mapper, const PartitionWindow& window,
                           const PartitionMapper& downstream_mapper)
    : PartitionMapper("temporal.FanOutMapper", {{"upstream_mapper", upstream_mapper.serialized()},
                                                {"window", window.serialized()},
                                                {"downstream_mapper", downstream_mapper.serialized()}}) {
  hold("upstream_mapper", upstream_mapper);
  hold("downstream_mapper", downstream_mapper);
}

PartitionWindow::PartitionWindow(const char* name, Direction direction)
    : PartitionWindow(name, Object{{"direction", direction == Direction::backward ? "backward" : "forward"}}) {}
PartitionWindow::PartitionWindow(const char* name, Object var)
    : name_(name), serialized_(typed(root + "window." + name, std::move(var))) {}
SegmentWindow::SegmentWindow(const std::vector<std::string>& segments)
    : PartitionWindow("SegmentWindow", Object{{"segments", values_of(segments)}}) {}

WaitPolicy::WaitPolicy(const char* name, Object var) : serialized_(typed(root + "wait_policy." + name, std::move(var))) {}
WaitForAll::WaitForAll() : WaitPolicy("WaitForAll", {}) {}
MinimumCount::MinimumCount(int n) : WaitPolicy("MinimumCount", {{"n", n}}) {}

}  // namespace venturi::inline sdk
