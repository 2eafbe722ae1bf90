#include "venturi/asset_event.h"

#include <algorithm>
#include <stdexcept>

#include "sdk/asset.h"
#include "sdk/context_data.h"

namespace venturi::inline sdk {
namespace {

std::optional<Time> time_in(const Value& object, std::string_view key) {
  const Value* text = object.get(key);
  return text != nullptr && text->is_string() ? parse_time(text->as_string()) : std::nullopt;
}

AssetEvent read_event(const Value& value) {
  const Value asset = value.get_value("asset");
  AssetEvent event;
  event.asset = Asset(asset.get_string("uri"), asset.get_string("name"), asset.get_string("group"), asset.get_value("extra"));
  event.extra = value.get_value("extra").is_object() ? value.get_value("extra") : Value(Object{});
  event.timestamp = time_in(value, "timestamp").value_or(Time());
  event.source_dag_id = value.get_string("source_dag_id");
  event.source_run_id = value.get_string("source_run_id");
  event.source_task_id = value.get_string("source_task_id");
  if (const Value* index = value.get("source_map_index"); index != nullptr && index->is_int())
    event.source_map_index = static_cast<int>(index->as_int());
  if (const Value* key = value.get("partition_key"); key != nullptr && key->is_string()) event.partition_key = key->as_string();
  if (const Value* aliases = value.get("source_aliases"); aliases != nullptr && aliases->is_array()) {
    for (const Value& alias : aliases->as_array()) event.source_aliases.push_back(alias.get_string("name"));
  }
  if (const Value* runs = value.get("created_dagruns"); runs != nullptr && runs->is_array()) {
    for (const Value& run : runs->as_array()) {
      event.created_dagruns.push_back({.dag_id = run.get_string("dag_id"),
                                       .run_id = run.get_string("run_id"),
                                       .state = run.get_string("state"),
                                       .start_date = time_in(run, "start_date"),
                                       .end_date = time_in(run, "end_date")});
    }
  }
  return event;
}

std::vector<AssetEvent> read_events(const Value& list) {
  std::vector<AssetEvent> events;
  if (!list.is_array()) return events;
  for (const Value& value : list.as_array()) events.push_back(read_event(value));
  return events;
}

bool is_same(const AssetOrAlias& a, const AssetOrAlias& b) {
  return a.is_alias() == b.is_alias() && a.members().get_string("name") == b.members().get_string("name") &&
         a.members().get_string("uri") == b.members().get_string("uri");
}

std::string shown(const AssetOrAlias& asset) {
  return (asset.is_alias() ? "the asset alias " : "the asset ") + asset.members().get_string("name");
}

Value answer_of(detail::ContextData& data, const Object& request, const char* type, const std::string& what) {
  Value answer = data.ask(request);
  if (answer.get_string("type") != type) throw ServerError(what + " were not given: " + internal::error_text(answer));
  return answer;
}

}  // namespace

namespace internal {

Array event_values(const std::vector<AssetEvent>& events) {
  const auto text = [](const std::string& t) { return t.empty() ? Value() : Value(t); };
  const auto time = [](const std::optional<Time>& t) { return t ? Value(format_time(*t)) : Value(); };
  Array list;
  for (const AssetEvent& event : events) {
    Array aliases, runs;
    for (const std::string& alias : event.source_aliases) aliases.emplace_back(Object{{"name", alias}});
    for (const AssetEvent::CreatedRun& run : event.created_dagruns) {
      runs.emplace_back(Object{{"dag_id", run.dag_id},
                               {"run_id", run.run_id},
                               {"state", run.state},
                               {"start_date", time(run.start_date)},
                               {"end_date", time(run.end_date)}});
    }
    list.emplace_back(Object{{"asset", asset_members(event.asset)},
                             {"extra", event.extra.is_object() ? event.extra : Value(Object{})},
                             {"timestamp", format_time(event.timestamp)},
                             {"source_dag_id", text(event.source_dag_id)},
                             {"source_run_id", text(event.source_run_id)},
                             {"source_task_id", text(event.source_task_id)},
                             {"source_map_index", event.source_map_index},
                             {"partition_key", event.partition_key ? Value(*event.partition_key) : Value()},
                             {"source_aliases", std::move(aliases)},
                             {"created_dagruns", std::move(runs)}});
  }
  return list;
}

}  // namespace internal

// Under a stock Airflow they come with the task. A run that is made for events has some: where none came, the server has them.
const std::vector<AssetEvent>& Context::triggering_asset_events() const {
  auto& events = data_->triggering_asset_events;
  if (events) return *events;
  events = read_events(data_->consumed_asset_events);
  if (!events->empty() || data_->run_type != "asset_triggered") return *events;
  const Value answer = answer_of(*data_, {{"type", "GetDagRun"}, {"dag_id", data_->dag_id}, {"run_id", data_->run_id}},
                                 "DagRunResult", "the events that triggered the run");
  events = read_events(answer.get_value("consumed_asset_events"));
  return *events;
}

std::vector<AssetEvent> Context::triggering_asset_events(const AssetOrAlias& of) const {
  std::vector<AssetEvent> events;
  for (const AssetEvent& event : triggering_asset_events()) {
    const std::string name = of.members().get_string("name");
    const bool fits =
        of.is_alias() ? std::find(event.source_aliases.begin(), event.source_aliases.end(), name) != event.source_aliases.end()
                      : is_same(event.asset, of);
    if (fits) events.push_back(event);
  }
  return events;
}

std::vector<AssetEvent> Context::inlet_events(const AssetOrAlias& inlet, const InletEventsQuery& query) const {
  const auto is_meant = [&](const AssetOrAlias& one) { return is_same(one, inlet); };
  if (data_->task != nullptr) {
    const std::vector<AssetOrAlias>& inlets = data_->task->options.inlets;
    if (std::none_of(inlets.begin(), inlets.end(), is_meant))
      throw std::invalid_argument(shown(inlet) + " is no inlet of task " + data_->task_id + ": name it in its .inlets");
  }
  const auto time = [](const std::optional<Time>& t) { return t ? Value(format_time(*t)) : Value(); };
  Object request{{"after", time(query.after)},
                 {"before", time(query.before)},
                 {"limit", query.limit > 0 ? Value(query.limit) : Value()},
                 {"ascending", query.ascending}};
  if (inlet.is_alias()) {
    request.add("type", "GetAssetEventByAssetAlias");
    request.add("alias_name", inlet.members().at("name"));
  } else {
    request.add("type", "GetAssetEventByAsset");
    request.add("name", inlet.members().at("name"));
    request.add("uri", inlet.members().at("uri"));
  }
  return read_events(
      answer_of(*data_, request, "AssetEventsResult", "the events of " + shown(inlet)).get_value("asset_events"));
}

OutletEvents Context::outlet_events(const AssetOrAlias& outlet) const {
  return {*data_, outlet};
}

namespace {

Value key_of(const AssetOrAlias& outlet) {
  return Object{{"name", outlet.members().at("name")}, {"uri", outlet.members().at("uri")}};
}

// What was said of the outlet itself: of each partition one.
std::vector<Object*> events_of(detail::ContextData& data, const AssetOrAlias& outlet) {
  std::vector<Object*> events;
  const Value key = key_of(outlet);
  for (Value& event : data.outlet_events) {
    if (event.get("source_alias_name") == nullptr && event.at("dest_asset_key") == key) events.push_back(&event.as_object());
  }
  return events;
}

}  // namespace

void OutletEvents::set_extra(const Value& extra) const {
  if (outlet_.is_alias())
    throw std::invalid_argument(shown(outlet_) + " has no event itself: add() an asset to it, with the extra of that");
  const std::vector<Object*> told = events_of(*data_, outlet_);
  for (Object* event : told) event->set("extra", extra);
  if (told.empty()) data_->outlet_events.emplace_back(Object{{"dest_asset_key", key_of(outlet_)}, {"extra", extra}});
}

void OutletEvents::add_partitions(const std::vector<std::string>& keys) const {
  constexpr std::size_t longest = 250;  // as Airflow's column
  if (outlet_.is_alias())
    throw std::invalid_argument(shown(outlet_) + " has no partitions: only the event of an asset can have one");
  for (const std::string& key : keys) {
    if (key.find_first_not_of(" \t\r\n") == std::string::npos) throw std::invalid_argument("a partition key is empty");
    if (key.size() > longest)
      throw std::invalid_argument("a partition key is longer than " + std::to_string(longest) + " bytes: " + key);
    const std::vector<Object*> told = events_of(*data_, outlet_);
    const auto is_same_key = [&](const Object* event) {
      const Value* given = event->find("partition_key");
      return given != nullptr && given->as_string() == key;
    };
    if (std::any_of(told.begin(), told.end(), is_same_key)) continue;
    // The first one makes what was said before the event of a partition.
    if (told.size() == 1 && told.front()->find("partition_key") == nullptr) {
      told.front()->add("partition_key", key);
      continue;
    }
    data_->outlet_events.emplace_back(Object{{"dest_asset_key", key_of(outlet_)},
                                             {"extra", told.empty() ? Value(Object{}) : told.front()->at("extra")},
                                             {"partition_key", key}});
  }
}

void OutletEvents::add(const Asset& asset, const Value& extra) const {
  if (!outlet_.is_alias())
    throw std::invalid_argument(shown(outlet_) + " is no alias: its event is made by itself, set_extra() says what it carries");
  const Object members = internal::asset_members(asset);
  data_->outlet_events.emplace_back(Object{{"source_alias_name", outlet_.members().at("name")},
                                           {"dest_asset_key", Object{{"name", members.at("name")}, {"uri", members.at("uri")}}},
                                           {"dest_asset_extra", members.at("extra")},
                                           {"extra", extra.is_object() ? extra : Value(Object{})}});
}

}  // namespace venturi::inline sdk
