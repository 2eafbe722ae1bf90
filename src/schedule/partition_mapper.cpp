#include "schedule/partition_mapper.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "schedule/partition_key.h"
#include "schedule/partition_window.h"
#include "schedule/user_timetable.h"

namespace venturi::schedule {

using namespace std::chrono;

namespace {

using Keys = Result<std::vector<std::string>>;
using Made = Result<std::shared_ptr<const PartitionMapper>>;
using Mapper = std::shared_ptr<const PartitionMapper>;

std::unexpected<Error> not_known() {
  return fail(ErrorKind::unavailable, "what the DAG's program says of the partition key is not known yet");
}

// A class of the user's: it stands for what its program answers.
class OwnMapper final : public PartitionMapper {
 public:
  OwnMapper(std::string place, std::string class_name) : place_(std::move(place)), class_name_(std::move(class_name)) {}
  Keys to_downstream(const std::string& key, OwnMapperAnswers& answers) const override {
    OwnMapperAnswers::Question question{place_, class_name_, key};
    const auto answer = answers.known.find(question);
    if (answer != answers.known.end()) {
      if (answer->second.refusal) return std::unexpected(*answer->second.refusal);
      return answer->second.keys;
    }
    answers.wanted.insert(std::move(question));
    return not_known();
  }
  bool asks() const override { return true; }

 private:
  std::string place_, class_name_;
};

class IdentityMapper final : public PartitionMapper {
 public:
  Keys to_downstream(const std::string& key, OwnMapperAnswers& /*answers*/) const override { return std::vector{key}; }
  bool carries_date() const override { return true; }
};

class AllowedKeyMapper final : public PartitionMapper {
 public:
  explicit AllowedKeyMapper(std::vector<std::string> allowed) : allowed_(std::move(allowed)) {}
  Keys to_downstream(const std::string& key, OwnMapperAnswers& /*answers*/) const override {
    if (std::ranges::find(allowed_, key) != allowed_.end()) return std::vector{key};
    return fail(ErrorKind::invalid,
                fmt::format("the partition key '{}' is none of those that are allowed: {}", key, fmt::join(allowed_, ", ")));
  }

 private:
  std::vector<std::string> allowed_;
};

class FixedKeyMapper final : public PartitionMapper {
 public:
  explicit FixedKeyMapper(std::string key) : key_(std::move(key)) {}
  Keys to_downstream(const std::string&, OwnMapperAnswers& /*answers*/) const override { return std::vector{key_}; }

 private:
  std::string key_;
};

// The first moment of the period that a key lies in.
class TemporalMapper final : public PartitionMapper {
 public:
  enum class Period : std::uint8_t { hour, day, week, month, quarter, year };
  TemporalMapper(Period period, std::shared_ptr<const TimeZone> zone, std::string input, std::string output)
      : period_(period), zone_(std::move(zone)), input_(std::move(input)), output_(std::move(output)) {}

  Keys to_downstream(const std::string& key, OwnMapperAnswers& /*answers*/) const override {
    const auto wall = wall_of(key, input_);
    if (!wall) return std::unexpected(wall.error());
    return std::vector{format(begin_of(*wall))};
  }
  Result<std::optional<Time>> partition_date(const std::string& key) const override {
    const auto wall = decode(key);
    if (!wall) return std::unexpected(wall.error());
    return zone_->to_utc(begin_of(*wall));
  }
  [[nodiscard]] Result<WallTime> decode(const std::string& downstream_key) const { return wall_of(downstream_key, output_); }
  [[nodiscard]] std::string encode(WallTime wall) const { return write_key(existing(wall), input_, *zone_); }
  [[nodiscard]] std::string format(WallTime wall) const { return write_key(wall, output_, *zone_); }

 private:
  [[nodiscard]] Result<WallTime> wall_of(const std::string& key, const std::string& format) const {
    const auto read = read_key(key, format);
    if (!read) return std::unexpected(read.error());
    if (!read->offset) return existing(read->wall);
    return zone_->to_local(Time((read->wall - *read->offset).time_since_epoch()));
  }
  // What the clock shows then: where it is put forward, an hour is missing.
  [[nodiscard]] WallTime existing(WallTime wall) const { return zone_->to_local(zone_->to_utc(wall)); }
  [[nodiscard]] WallTime begin_of(WallTime t) const {
    const local_days on = floor<days>(t);
    const year_month_day date(on);
    switch (period_) {
      case Period::hour:
        return floor<hours>(t);
      case Period::day:
        return on;
      case Period::week:
        return on - days(static_cast<int>(weekday(on).iso_encoding()) - 1);
      case Period::month:
        return local_days(date.year() / date.month() / 1);
      case Period::quarter:
        return local_days(date.year() / month((static_cast<unsigned>(date.month()) - 1) / 3 * 3 + 1) / 1);
      case Period::year:
        break;
    }
    return local_days(date.year() / January / 1);
  }

  Period period_;
  std::shared_ptr<const TimeZone> zone_;
  std::string input_, output_;
};

// Mapper by mapper, for the parts of a key.
class ProductMapper final : public PartitionMapper {
 public:
  ProductMapper(std::vector<Mapper> mappers, std::string delimiter)
      : mappers_(std::move(mappers)), delimiter_(std::move(delimiter)) {}

  Keys to_downstream(const std::string& key, OwnMapperAnswers& answers) const override {
    const std::vector<std::string> parts = split(key);
    if (parts.size() != mappers_.size())
      return fail(ErrorKind::invalid,
                  fmt::format("the partition key '{}' has {} parts, not {}", key, parts.size(), mappers_.size()));
    std::string joined;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      auto mapped = mappers_[i]->to_downstream(parts[i], answers);
      if (!mapped && answers.wanted.empty()) return mapped;
      if (!mapped) continue;  // what else is wanted is asked together
      if (mapped->size() != 1)
        return fail(ErrorKind::invalid,
                    fmt::format("part {} of the partition key '{}' became several keys, and a product takes one", i + 1, key));
      joined += (i > 0 ? delimiter_ : "") + mapped->front();
    }
    if (!answers.wanted.empty()) return not_known();
    return std::vector{joined};
  }
  bool asks() const override { return std::ranges::any_of(mappers_, &PartitionMapper::asks); }
  // That of the one part that says a time.
  Result<std::optional<Time>> partition_date(const std::string& key) const override {
    const std::vector<std::string> parts = split(key);
    std::vector<Time> dates;
    for (std::size_t i = 0; i < parts.size() && parts.size() == mappers_.size(); ++i) {
      const auto date = mappers_[i]->partition_date(parts[i]);
      if (!date) return date;
      if (*date) dates.push_back(**date);
    }
    return dates.size() == 1 ? std::optional(dates.front()) : std::nullopt;
  }

 private:
  [[nodiscard]] std::vector<std::string> split(std::string_view key) const {
    std::vector<std::string> parts;
    for (std::size_t end = key.find(delimiter_); end != key.npos; end = key.find(delimiter_)) {
      parts.emplace_back(key.substr(0, end));
      key.remove_prefix(end + delimiter_.size());
    }
    parts.emplace_back(key);
    return parts;
  }

  std::vector<Mapper> mappers_;
  std::string delimiter_;
};

constexpr std::size_t most_keys_in_a_chain = 100'000;

// One after the other.
class ChainMapper final : public PartitionMapper {
 public:
  explicit ChainMapper(std::vector<Mapper> mappers) : mappers_(std::move(mappers)) {}
  Keys to_downstream(const std::string& key, OwnMapperAnswers& answers) const override {
    std::vector<std::string> keys{key};
    for (const Mapper& mapper : mappers_) {
      std::vector<std::string> next;
      for (const std::string& one : keys) {
        auto mapped = mapper->to_downstream(one, answers);
        if (!mapped && answers.wanted.empty()) return mapped;
        if (!mapped) continue;
        if (next.size() + mapped->size() > most_keys_in_a_chain) {
          return fail(ErrorKind::invalid,
                      fmt::format("the partition key '{}' becomes more than {} keys", key, most_keys_in_a_chain), {},
                      "map it to fewer");
        }
        std::ranges::move(*mapped, std::back_inserter(next));
      }
      if (!answers.wanted.empty()) return not_known();
      keys = std::move(next);
    }
    return keys;
  }
  bool asks() const override { return std::ranges::any_of(mappers_, &PartitionMapper::asks); }
  Result<std::optional<Time>> partition_date(const std::string& key) const override {
    return mappers_.back()->partition_date(key);
  }

 private:
  std::vector<Mapper> mappers_;
};

// When the run of a period has enough of its members (wait_policy.py): all, at least n, or all but n.
struct WaitPolicy {
  std::int64_t n = 0;  // 0: all; below 0: so many may be missing

  [[nodiscard]] bool is_satisfied(std::size_t matched, std::size_t expected) const {
    if (n > 0) return matched >= static_cast<std::size_t>(n);
    return static_cast<std::int64_t>(matched) >= std::max<std::int64_t>(0, static_cast<std::int64_t>(expected) + n);
  }
};

class RollupMapper final : public PartitionMapper {
 public:
  RollupMapper(Mapper upstream, PartitionWindow window, WaitPolicy policy)
      : upstream_(std::move(upstream)), window_(std::move(window)), policy_(policy) {}
  Keys to_downstream(const std::string& key, OwnMapperAnswers& answers) const override {
    return upstream_->to_downstream(key, answers);
  }
  bool asks() const override { return upstream_->asks(); }
  Result<std::optional<Time>> partition_date(const std::string& key) const override { return upstream_->partition_date(key); }
  Result<bool> is_satisfied(const std::string& key, const std::set<std::string>& keys) const override {
    std::set<std::string> expected(window_.segments().begin(), window_.segments().end());
    if (const auto* temporal = dynamic_cast<const TemporalMapper*>(upstream_.get())) {
      const auto period = temporal->decode(key);
      if (!period) return std::unexpected(period.error());
      const auto members = window_.members(*period);
      if (!members) return std::unexpected(members.error());
      for (const WallTime member : *members) expected.insert(temporal->encode(member));
    }
    const auto matched = std::ranges::count_if(expected, [&](const auto& one) { return keys.contains(one); });
    return policy_.is_satisfied(static_cast<std::size_t>(matched), expected.size());
  }

 private:
  Mapper upstream_;  // temporal, where the window is not of segments
  PartitionWindow window_;
  WaitPolicy policy_;
};

class FanOutMapper final : public PartitionMapper {
 public:
  FanOutMapper(Mapper upstream, PartitionWindow window, Mapper downstream)
      : upstream_(std::move(upstream)), window_(std::move(window)), downstream_(std::move(downstream)) {}
  Keys to_downstream(const std::string& key, OwnMapperAnswers& answers) const override {
    if (window_.kind() == PartitionWindow::Kind::segments) return window_.segments();
    const auto& upstream = dynamic_cast<const TemporalMapper&>(*upstream_);
    const auto formatted = upstream.to_downstream(key, answers);
    if (!formatted) return formatted;
    const auto period = upstream.decode(formatted->front());
    if (!period) return std::unexpected(period.error());
    const auto members = window_.members(*period);
    if (!members) return std::unexpected(members.error());
    std::vector<std::string> keys;
    for (const WallTime member : *members) keys.push_back(dynamic_cast<const TemporalMapper&>(*downstream_).format(member));
    return keys;
  }
  Result<std::optional<Time>> partition_date(const std::string& key) const override { return downstream_->partition_date(key); }

 private:
  Mapper upstream_;  // temporal, as is the other, where the window is not of segments
  PartitionWindow window_;
  Mapper downstream_;
};

// ---- from the serialized form --------------------------------------------------------------------------------------------

class MapperReader {
 public:
  explicit MapperReader(const TimeZones& zones) : zones_(zones) {}

  Made read(const Value& serialized, const std::string& place, int depth = 0) {
    constexpr int deepest = 10;
    if (depth > deepest) return refuse("partition mappers stand too deep within each other");
    const std::string type = serialized.is_object() ? serialized.get_string("__type") : "";
    const Value var = serialized.is_object() ? serialized.get_value("__var") : Value();
    auto made = make(type, var.is_object() ? var : Value(Object{}), place, depth);
    if (!made) return std::unexpected(made.error());
    if (const Value* most = var.is_object() ? var.get("max_downstream_keys") : nullptr; most != nullptr && most->is_int())
      (*made)->max_downstream_keys = static_cast<int>(most->as_int());
    return *made;
  }

 private:
  using New = Result<std::shared_ptr<PartitionMapper>>;

  static std::unexpected<Error> refuse(std::string what,
                                       std::string hint = "build the DAG program with the SDK of this Venturi") {
    return fail(ErrorKind::invalid, std::move(what), "partition mapper", std::move(hint));
  }

  New make(const std::string& type, const Value& var, const std::string& place, int depth) {
    if (type.starts_with(user_timetables)) return std::make_shared<OwnMapper>(place, type.substr(user_timetables.size()));
    if (type == "airflow.partition_mappers.identity.IdentityMapper") return std::make_shared<IdentityMapper>();
    if (type == "airflow.partition_mappers.allowed_key.AllowedKeyMapper") {
      auto keys = texts(var.get("allowed_keys"));
      if (!keys) return refuse("AllowedKeyMapper has no list of texts \"allowed_keys\"");
      return std::make_shared<AllowedKeyMapper>(*std::move(keys));
    }
    if (type == "airflow.partition_mappers.fixed_key.FixedKeyMapper") {
      const std::string key = var.get_string("downstream_key");
      if (key.empty()) return refuse("FixedKeyMapper needs a key that is not empty", "give it one");
      return std::make_shared<FixedKeyMapper>(key);
    }
    if (type == "airflow.partition_mappers.product.ProductMapper" || type == "airflow.partition_mappers.chain.ChainMapper") {
      auto mappers = several(var.get("mappers"), place, depth);
      if (!mappers) return std::unexpected(mappers.error());
      if (type.ends_with("ChainMapper")) return std::make_shared<ChainMapper>(*std::move(mappers));
      const std::string delimiter = var.get_string("delimiter", "|");
      if (delimiter.empty()) return refuse("ProductMapper has an empty delimiter", "give it one, such as |");
      return std::make_shared<ProductMapper>(*std::move(mappers), delimiter);
    }
    if (type == "airflow.partition_mappers.base.RollupMapper") return rollup(var, place, depth);
    if (type == "airflow.partition_mappers.temporal.FanOutMapper") return fan_out(var, place, depth);
    return temporal(type, var);
  }

  New temporal(const std::string& type, const Value& var) {
    using Period = TemporalMapper::Period;
    static constexpr auto periods = std::to_array<std::pair<std::string_view, Period>>({{"Hour", Period::hour},
                                                                                        {"Day", Period::day},
                                                                                        {"Week", Period::week},
                                                                                        {"Month", Period::month},
                                                                                        {"Quarter", Period::quarter},
                                                                                        {"Year", Period::year}});
    const auto* period = std::ranges::find_if(periods, [&](const auto& known) {
      return type == fmt::format("airflow.partition_mappers.temporal.StartOf{}Mapper", known.first);
    });
    if (period == periods.end())
      return refuse("the partition mapper '" + type + "' is none of Airflow's own, and others are not supported",
                    "use IdentityMapper, a StartOf...Mapper, AllowedKeyMapper, FixedKeyMapper, ProductMapper, ChainMapper, "
                    "RollupMapper or FanOutMapper");
    const Value* name = var.get("timezone");
    auto zone = zones_.find(name == nullptr ? "UTC" : name->is_int() ? std::to_string(name->as_int()) : name->as_string());
    if (!zone) return std::unexpected(zone.error());
    const std::string input = var.get_string("input_format"), output = var.get_string("output_format");
    for (const std::string& format : {input, output}) {
      if (format.empty()) return refuse("a StartOf...Mapper has no input_format or output_format");
      if (auto fine = check_key_format(format); !fine) return std::unexpected(fine.error());
    }
    return std::make_shared<TemporalMapper>(period->second, *std::move(zone), input, output);
  }

  // That a window of time has a mapper of time above it, and below.
  static bool fits(const Mapper& mapper, const PartitionWindow& window) {
    return window.kind() == PartitionWindow::Kind::segments || dynamic_cast<const TemporalMapper*>(mapper.get()) != nullptr;
  }

  New rollup(const Value& var, const std::string& place, int depth) {
    auto upstream = read(var.get_value("upstream_mapper"), place + ".upstream_mapper", depth + 1);
    if (!upstream) return std::unexpected(upstream.error());
    auto window = PartitionWindow::read(var.get_value("window"));
    if (!window) return std::unexpected(window.error());
    const bool is_temporal = dynamic_cast<const TemporalMapper*>(upstream->get()) != nullptr;
    if (is_temporal == (window->kind() == PartitionWindow::Kind::segments))
      return refuse("a RollupMapper pairs a window with a mapper of another kind of keys",
                    "a window of time goes with a StartOf...Mapper, a SegmentWindow with a mapper of texts");
    WaitPolicy policy;
    const Value given = var.get_value("wait_policy");
    const std::string type =
        given.is_object() ? given.get_string("__type") : "airflow.partition_mappers.wait_policy.WaitForAll";
    if (type == "airflow.partition_mappers.wait_policy.MinimumCount") {
      policy.n = given.get_value("__var").get_int("n");
      if (policy.n == 0) return refuse("MinimumCount(0) would never wait", "use WaitForAll, or another number");
    } else if (type != "airflow.partition_mappers.wait_policy.WaitForAll") {
      return refuse("the wait policy '" + type + "' is none of Airflow's own, and others are not supported",
                    "use WaitForAll or MinimumCount");
    }
    return std::make_shared<RollupMapper>(*std::move(upstream), *std::move(window), policy);
  }

  New fan_out(const Value& var, const std::string& place, int depth) {
    auto upstream = read(var.get_value("upstream_mapper"), place + ".upstream_mapper", depth + 1);
    if (!upstream) return std::unexpected(upstream.error());
    auto downstream = read(var.get_value("downstream_mapper"), place + ".downstream_mapper", depth + 1);
    if (!downstream) return std::unexpected(downstream.error());
    auto window = PartitionWindow::read(var.get_value("window"));
    if (!window) return std::unexpected(window.error());
    if (!fits(*upstream, *window) || !fits(*downstream, *window))
      return refuse("a FanOutMapper pairs a window of time with a mapper that knows of none", "give it StartOf...Mappers");
    return std::make_shared<FanOutMapper>(*std::move(upstream), *std::move(window), *std::move(downstream));
  }

  Result<std::vector<Mapper>> several(const Value* list, const std::string& place, int depth) {
    if (list == nullptr || !list->is_array() || list->as_array().size() < 2)
      return refuse("a ProductMapper or ChainMapper needs two mappers or more", "give it them");
    std::vector<Mapper> mappers;
    for (const Value& one : list->as_array()) {
      auto made = read(one, fmt::format("{}.mappers.{}", place, mappers.size()), depth + 1);
      if (!made) return std::unexpected(made.error());
      mappers.push_back(*std::move(made));
    }
    return mappers;
  }

  static std::optional<std::vector<std::string>> texts(const Value* list) {
    if (list == nullptr || !list->is_array()) return std::nullopt;
    std::vector<std::string> all;
    for (const Value& one : list->as_array()) {
      if (!one.is_string()) return std::nullopt;
      all.push_back(one.as_string());
    }
    return all;
  }

  const TimeZones& zones_;
};

}  // namespace

Made make_partition_mapper(const Value& serialized, const TimeZones& zones, const std::string& place) {
  return MapperReader(zones).read(serialized, place);
}

std::optional<Time> OwnMapperAnswers::date_of(const std::string& key) const {
  for (const auto& [question, answer] : known) {
    const auto found = std::ranges::find(answer.keys, key);
    if (found == answer.keys.end()) continue;
    const auto at = static_cast<std::size_t>(found - answer.keys.begin());
    if (at < answer.dates.size() && answer.dates[at]) return answer.dates[at];
  }
  return std::nullopt;
}

Result<PartitionMappers> PartitionMappers::read(const Value& var, const TimeZones& zones) {
  static const Value identity = Object{{"__type", "airflow.partition_mappers.identity.IdentityMapper"}, {"__var", Object{}}};
  PartitionMappers all;
  const Value* given = var.get("default_partition_mapper");
  auto by_default = make_partition_mapper(given == nullptr ? identity : *given, zones, "default_partition_mapper");
  if (!by_default) return std::unexpected(by_default.error());
  all.default_ = *std::move(by_default);
  const Value config = var.get_value("partition_mapper_config");
  if (config.is_array()) {
    for (std::size_t i = 0; i < config.as_array().size(); ++i) {
      const Value& pair = config.as_array()[i];
      if (!pair.is_array() || pair.as_array().size() != 2)
        return fail(ErrorKind::invalid, "partition_mapper_config has something else than pairs of an asset and its mapper");
      const Value& asset = pair.as_array()[0];
      auto mapper = make_partition_mapper(pair.as_array()[1], zones, fmt::format("partition_mapper_config.{}", i));
      if (!mapper) return std::unexpected(mapper.error());
      if (const std::string name = asset.get_string("name"); !name.empty()) all.by_name_.insert_or_assign(name, *mapper);
      if (const std::string uri = asset.get_string("uri"); !uri.empty()) all.by_uri_.insert_or_assign(uri, *mapper);
    }
  }
  all.definition_ = to_json(Object{{"asset_condition", var.get_value("asset_condition")},
                                   {"default_partition_mapper", given == nullptr ? identity : *given},
                                   {"partition_mapper_config", config}});
  return all;
}

const PartitionMapper& PartitionMappers::of(std::string_view name, std::string_view uri) const {
  if (const auto found = by_name_.find(name); found != by_name_.end()) return *found->second;
  if (const auto found = by_uri_.find(uri); found != by_uri_.end()) return *found->second;
  return *default_;
}

}  // namespace venturi::schedule
