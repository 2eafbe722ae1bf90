#include "server/watchers.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "base/random.h"

namespace venturi::server {
namespace {

// Numbers of another life of the server are others.
std::int64_t random_number() {
  std::uint64_t number = 0;
  const std::string bytes = random_bytes(5);
  std::memcpy(&number, bytes.data(), bytes.size());
  return static_cast<std::int64_t>(number << 20U) + 1;
}

std::string state_key(const std::string& watcher) {
  return "watcher/" + watcher;
}

// The assets of a serialized condition.
template <class Visit>
void each_asset(const Value& condition, const Visit& visit) {
  if (!condition.is_object()) return;
  if (condition.get_string("__type") == "asset") return visit(condition);
  const Value* objects = condition.get("objects");
  if (objects == nullptr || !objects->is_array()) return;
  for (const Value& object : objects->as_array()) each_asset(object, visit);
}

}  // namespace

std::vector<WatcherOfAsset> watchers_of(const Dag& dag) {
  std::vector<WatcherOfAsset> found;
  const Value* var = dag.timetable.get("__var");
  const Value* condition = var == nullptr ? nullptr : var->get("asset_condition");
  if (condition == nullptr) return found;
  each_asset(*condition, [&](const Value& asset) {
    const Value* watchers = asset.get("watchers");
    if (watchers == nullptr || !watchers->is_array()) return;
    for (const Value& watcher : watchers->as_array())
      found.push_back(
          {{asset.get_string("name"), asset.get_string("uri")}, watcher.get_string("name"), watcher.get_value("trigger")});
  });
  return found;
}

Watchers::Watchers(Scheduler& scheduler, WorkerLink& worker, TaskHost& host, store::Reader& reader)
    : scheduler_(scheduler), worker_(worker), host_(host), reader_(reader), next_no_(random_number()) {}

void Watchers::committed(const store::Batch& batch) {
  const auto has_turned = [this](const DagState& state) {
    const auto known = paused_.find(state.dag_id);
    return known != paused_.end() && known->second != state.is_paused;
  };
  if (batch.dags.empty() && batch.gone_dags.empty() && batch.deleted_dags.empty() &&
      std::ranges::none_of(batch.dag_states, has_turned))
    return;
  if (update()) tell();
}

// Those of assets that a DAG is scheduled on which may have runs, as in Airflow.
std::map<Watchers::Key, Value> Watchers::wanted() const {
  std::map<Key, Value> found;
  for (const auto& dag : scheduler_.engine().dags()) {
    if (scheduler_.engine().is_paused(dag->dag_id)) continue;
    for (WatcherOfAsset& watcher : watchers_of(*dag)) {
      Key key{std::move(watcher.asset), std::move(watcher.name), to_json(watcher.trigger)};
      found.emplace(std::move(key), std::move(watcher.trigger));
    }
  }
  return found;
}

bool Watchers::update() {
  paused_.clear();
  for (const auto& dag : scheduler_.engine().dags()) {
    if (!watchers_of(*dag).empty()) paused_.emplace(dag->dag_id, scheduler_.engine().is_paused(dag->dag_id));
  }
  auto all = wanted();
  bool changed = std::erase_if(watchers_, [&](const auto& known) { return !all.contains(known.first); }) > 0;
  for (auto& [key, trigger] : all) {
    if (watchers_.contains(key)) continue;
    Watcher watcher{.no = next_no_++, .trigger = std::move(trigger), .state = {}};
    if (!load(key, watcher)) continue;
    watchers_.emplace(key, std::move(watcher));
    changed = true;
  }
  return changed;
}

// False where the asset is not there (yet).
bool Watchers::load(const Key& key, Watcher& watcher) {
  const auto not_begun = [&](const std::string& why) {
    log_error("watcher " + key.name + " of asset " + key.asset.name + " is not begun: " + why);
    return false;
  };
  const auto assets = reader_.assets({.name = key.asset.name, .uri = key.asset.uri});
  if (!assets) return not_begun(assets.error().text());
  if (assets->empty()) return false;  // the commit with it comes
  watcher.asset = assets->front().no;
  const auto state = reader_.asset_state(watcher.asset, state_key(key.name));
  if (!state) return not_begun(state.error().text());
  if (*state) {
    auto value = parse_json((*state)->value_json);
    if (!value) return not_begun("its state " + state_key(key.name) + " is no JSON: " + value.error().text());
    watcher.state = *std::move(value);
  }
  return true;
}

void Watchers::begin_anew() {
  (void)update();
  for (auto& [key, watcher] : watchers_) watcher.no = next_no_++;
  if (!watchers_.empty()) tell();
}

void Watchers::tell() const {
  Array list;
  for (const auto& [key, watcher] : watchers_) {
    list.push_back(Object{{"no", watcher.no},
                          {"asset", key.asset.name},
                          {"name", key.name},
                          {"classpath", watcher.trigger.get_string("classpath")},
                          {"kwargs", watcher.trigger.get_value("kwargs")},
                          {"state", watcher.state}});
  }
  worker_.watch(Object{{"type", "Watch"}, {"watchers", std::move(list)}});
}

void Watchers::on_message(std::int64_t no, const Value& body, const OnReply& reply) {
  const std::string type = body.get_string("type");
  const auto found = std::ranges::find(watchers_, no, [](const auto& known) { return known.second.no; });
  if (found == watchers_.end()) return reply(refusal("PERMISSION_DENIED", "this run of the watcher is over"));
  if (type == "WatcherFired") return fired(found->first, found->second, body, reply);
  if (type == "WatcherFailed") {
    log_warning("watcher " + found->first.name + " of asset " + found->first.asset.name +
                " failed: " + body.get_string("error") + "; it is begun again in " + to_json(body.get_value("pause")) + " s");
    return reply({});
  }
  host_.callback_message(body, reply);
}

void Watchers::fired(const Key& key, Watcher& watcher, const Value& body, const OnReply& reply) {
  engine::MakeAssetEvents events{.asset = watcher.asset, .extras = {}};
  for (const Value& payload : body.at("payloads").as_array())
    events.extras.emplace_back(Object{{"from_trigger", true}, {"payload", payload}});
  if (!events.extras.empty()) {
    scheduler_.command(std::move(events), [name = key.name, asset = key.asset.name](const engine::Answer& answer) {
      if (answer.error) log_error("watcher " + name + " of asset " + asset + ": " + answer.error->text());
    });
  }
  watcher.state = body.get_value("state");
  scheduler_.writes().asset_states.push_back(
      {.asset = watcher.asset,
       .written = store::StoredState{
           .key = state_key(key.name), .value_json = to_json(watcher.state), .updated_at = scheduler_.now()}});
  scheduler_.when_durable([reply] { reply({}); });
}

}  // namespace venturi::server
