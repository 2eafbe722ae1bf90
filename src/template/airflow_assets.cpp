// Assets and their events: triggering_asset_events, inlet_events, inlets and outlets.
#include <algorithm>
#include <memory>
#include <utility>

#include "template/airflow_objects.h"
#include "template/operators.h"

namespace venturi::templates {
namespace {

using SharedValue = std::shared_ptr<const Value>;

// A record that keeps its attributes alive.
class OwnRecord : public RecordObject {
 public:
  OwnRecord(std::string type, std::string repr, SharedValue attributes)
      : RecordObject(std::move(type), std::move(repr), *attributes), attributes_(std::move(attributes)) {}

 protected:
  const SharedValue attributes_;
};

Value ask(const Lookups& lookups, Value message) {
  Lookup found = lookups.question(message);
  if (found.state == Lookup::State::not_yet) throw NotYet{question_request(std::move(message))};
  return std::move(found.value);
}

std::string key_repr(const Value& asset) {
  return "AssetUniqueKey(name=" + string_repr(asset.get_string("name")) + ", uri=" + string_repr(asset.get_string("uri")) + ")";
}

Item make_asset(Value asset) {
  std::string repr = "Asset(name=" + string_repr(asset.get_string("name")) + ", uri=" + string_repr(asset.get_string("uri")) +
                     ", group=" + string_repr(asset.get_string("group", "asset")) + ", extra={})";
  return std::make_shared<OwnRecord>("Asset", std::move(repr), std::make_shared<const Value>(std::move(asset)));
}

Item make_alias(std::string_view name) {
  return std::make_shared<OwnRecord>("AssetAlias", "AssetAlias(name=" + string_repr(name) + ", group='asset')",
                                     std::make_shared<const Value>(Object{{"name", name}, {"group", "asset"}}));
}

// The run of a task that made an event, and the task instance, which knows its XComs.
class SourceTask final : public HostObject {
 public:
  SourceTask(Value event, Item dag_run, const Lookups& lookups)
      : event_(std::move(event)), dag_run_(std::move(dag_run)), lookups_(lookups) {}
  [[nodiscard]] std::string type_name() const override { return "AssetEventSourceTaskInstance"; }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override {
    if (name == "dag_run") return dag_run_;
    if (name == "dag_id") return event_.get_string("source_dag_id");
    if (name == "run_id") return event_.get_string("source_run_id");
    if (name == "task_id") return event_.get_string("source_task_id");
    if (name == "map_index") return event_.get_int("source_map_index", -1);
    if (name != "xcom_pull") return std::nullopt;
    return make_function("xcom_pull", [event = event_, &lookups = lookups_](Call& call) {
      const Args args(call, {"key", "default"}, 0);
      const XComRequest request{event.get_string("source_dag_id"), event.get_string("source_run_id"),
                                event.get_string("source_task_id"), args.text(0, "return_value"),
                                event.get_int("source_map_index", -1)};
      const Lookup found = lookups.xcom(request);
      if (found.state == Lookup::State::not_yet) throw NotYet{xcom_request(request)};
      return found.state == Lookup::State::absent || found.value.is_null() ? args[1] : from_value(found.value);
    });
  }

 private:
  const Value event_;
  const Item dag_run_;
  const Lookups& lookups_;
};

class EventObject final : public OwnRecord {
 public:
  EventObject(const SharedValue& event, const Lookups& lookups)
      : OwnRecord("AssetEvent", "AssetEvent(" + key_repr(event->get_value("asset")) + ")", event), lookups_(lookups) {}
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override {
    if (name == "asset") return make_asset(attributes_->get_value("asset"));
    if (name == "source_dag_run") return source_dag_run();
    if (name == "source_task_instance") {
      const Value source = attributes_->get_value("source_task_id");
      Item run = source.is_string() ? source_dag_run() : Item();
      return run.is_none() ? Item() : Item(std::make_shared<SourceTask>(*attributes_, std::move(run), lookups_));
    }
    return RecordObject::attribute(name);
  }

 private:
  [[nodiscard]] Item source_dag_run() const {
    const std::string dag_id = attributes_->get_string("source_dag_id"), run_id = attributes_->get_string("source_run_id");
    if (dag_id.empty() || run_id.empty()) return {};
    Value run = ask(lookups_, Object{{"type", "GetDagRun"}, {"dag_id", dag_id}, {"run_id", run_id}});
    return std::make_shared<OwnRecord>("DagRun", "<DagRun " + dag_id + " " + run_id + ">",
                                       std::make_shared<const Value>(std::move(run)));
  }

  const Lookups& lookups_;
};

Items event_items(const Value& events, const Lookups& lookups) {
  Items items;
  if (!events.is_array()) return items;
  for (const Value& event : events.as_array())
    items.push_back(std::make_shared<EventObject>(std::make_shared<const Value>(event), lookups));
  return items;
}

// Whether `key`, the object of an asset or alias, or the name or uri of one, means this one.
bool is_meant(const Item& key, const Item& asset) {
  const auto text = [](const Item& of, const char* field) {
    const auto found = of.as_host()->attribute(field);
    return found && found->is_text() ? found->as_string() : std::string();
  };
  if (key.is_text()) return key.as_string() == text(asset, "name") || key.as_string() == text(asset, "uri");
  return key.is(Type::host) && key.as_host()->type_name() == asset.as_host()->type_name() &&
         text(key, "name") == text(asset, "name") && text(key, "uri") == text(asset, "uri");
}

// Airflow's for_asset(name=, uri=) and for_asset_alias(name=): the item of the asset that is meant.
std::optional<Item> accessor(std::string_view name, std::function<Item(const Item& key)> item) {
  if (name == "for_asset_alias") {
    return make_function(std::string(name), [item = std::move(item)](Call& call) {
      const Args args(call, {"name"}, 1);
      return item(make_alias(args.text(0)));
    });
  }
  if (name != "for_asset") return std::nullopt;
  return make_function(std::string(name), [item = std::move(item)](Call& call) {
    const Args args(call, {"name", "uri"}, 0);
    if (!args.has(0) && !args.has(1)) fail(ErrorKind::value, "name and uri cannot both be None");
    if (args.has(0) && args.has(1)) return item(make_asset(Object{{"name", args.text(0)}, {"uri", args.text(1)}}));
    return item(Item(args.has(0) ? args.text(0) : args.text(1)));
  });
}

// A mapping from assets and aliases to the events that they had, in the order of the first event of each.
class TriggeringEvents final : public HostObject {
 public:
  TriggeringEvents(const AirflowFacts& facts, const Lookups& lookups) : facts_(facts), lookups_(lookups) {}
  [[nodiscard]] std::string type_name() const override { return "TriggeringAssetEventsAccessor"; }
  [[nodiscard]] bool is_mapping() const override { return true; }
  [[nodiscard]] std::optional<std::size_t> length() override { return groups().size(); }
  [[nodiscard]] std::optional<Items> iterate() override { return column(0); }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override {
    const auto function = [&](Items items) {
      return make_function(std::string(name), [items = std::move(items)](Call& call) {
        const Args args(call, {}, 0);
        return Item::list(items);
      });
    };
    if (name == "items") return function(groups());
    if (name == "keys") return function(column(0));
    if (name == "values") return function(column(1));
    return accessor(name, [facts = &facts_, lookups = &lookups_](const Item& key) {
      auto found = TriggeringEvents(*facts, *lookups).item(key);
      if (!found) fail(ErrorKind::key, templates::str(key) + " is none of the assets that triggered the run");
      return *std::move(found);
    });
  }
  [[nodiscard]] std::optional<Item> item(const Item& key) override {
    for (const Item& group : groups()) {
      if (is_meant(key, group.sequence()[0])) return group.sequence()[1];
    }
    return std::nullopt;
  }
  [[nodiscard]] std::string repr(Walk& walk) override {
    std::string out = "TriggeringAssetEventAccessor(_events=defaultdict(<class 'list'>, {";
    bool first = true;
    for (const Item& group : groups()) {
      if (!std::exchange(first, false)) out += ", ";
      append_repr(out, group.sequence()[0], walk);
      out += ": ";
      append_repr(out, group.sequence()[1], walk);
    }
    return out + "}))";
  }

 private:
  [[nodiscard]] Items groups() const {
    Items groups;
    std::vector<std::string> keys;
    const auto add = [&](const std::string& key, const Item& event, auto make) {
      const std::size_t at = static_cast<std::size_t>(std::ranges::find(keys, key) - keys.begin());
      if (at == keys.size()) {
        keys.push_back(key);
        groups.push_back(Item::tuple({make(), Item::list({})}));
      }
      groups[at].sequence()[1].as_list().items.push_back(event);
    };
    const Value events = consumed_asset_events(facts_, lookups_);
    for (const Value& event : events.as_array()) {
      const Value asset = event.get_value("asset");
      if (!asset.is_object()) continue;
      const Item item = std::make_shared<EventObject>(std::make_shared<const Value>(event), lookups_);
      add(asset.get_string("name") + "\n" + asset.get_string("uri"), item,
          [&] { return std::make_shared<OwnRecord>("Asset", key_repr(asset), std::make_shared<const Value>(asset)); });
      const Value aliases = event.get_value("source_aliases");
      if (!aliases.is_array()) continue;
      for (const Value& alias : aliases.as_array()) {
        const std::string name = alias.get_string("name");
        add("\n" + name, item, [&] { return make_alias(name); });
      }
    }
    return groups;
  }
  [[nodiscard]] Items column(std::size_t i) const {
    Items items;
    for (const Item& group : groups()) items.push_back(group.sequence()[i]);
    return items;
  }

  const AirflowFacts& facts_;
  const Lookups& lookups_;
};

// The events of one inlet: a sequence that is asked for when it is looked at, between bounds that were said before.
class InletEvents final : public HostObject {
 public:
  InletEvents(Object question, const Lookups& lookups) : question_(std::move(question)), lookups_(lookups) {}
  [[nodiscard]] std::string type_name() const override { return "InletEventsAccessor"; }
  [[nodiscard]] bool is_sequence() const override { return true; }
  [[nodiscard]] std::optional<std::size_t> length() override { return events().size(); }
  [[nodiscard]] std::optional<Items> iterate() override { return events(); }
  [[nodiscard]] std::optional<Item> item(const Item& key) override {
    if (!key.is_integer()) return std::nullopt;
    const Items all = events();
    const auto size = static_cast<std::int64_t>(all.size());
    const std::int64_t at = key.as_integer() < 0 ? key.as_integer() + size : key.as_integer();
    if (at < 0 || at >= size) return std::nullopt;
    return all[static_cast<std::size_t>(at)];
  }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override {
    if (name != "after" && name != "before" && name != "ascending" && name != "limit") return std::nullopt;
    return make_function(std::string(name), [question = question_, field = std::string(name), &lookups = lookups_](Call& call) {
      const Args args(call, {field}, field == "ascending" ? 0 : 1);
      Object narrowed = question;
      if (field == "ascending") {
        narrowed.set(field, args.truth(0, true));
      } else if (field == "limit") {
        narrowed.set(field, args.integer(0));
      } else {
        narrowed.set(field, templates::str(args[0]));
      }
      return Item(std::make_shared<InletEvents>(std::move(narrowed), lookups));
    });
  }

 private:
  [[nodiscard]] Items events() const { return event_items(ask(lookups_, question_).get_value("asset_events"), lookups_); }

  const Object question_;
  const Lookups& lookups_;
};

class InletEventsByInlet final : public HostObject {
 public:
  InletEventsByInlet(const AirflowFacts& facts, const Lookups& lookups) : facts_(facts), lookups_(lookups) {}
  [[nodiscard]] std::string type_name() const override { return "InletEventsAccessors"; }
  [[nodiscard]] bool is_mapping() const override { return true; }
  [[nodiscard]] std::optional<std::size_t> length() override { return inlets().size(); }
  [[nodiscard]] std::optional<Items> iterate() override { return inlets(); }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override {
    return accessor(name, [facts = &facts_, lookups = &lookups_](const Item& key) {
      auto found = InletEventsByInlet(*facts, *lookups).item(key);
      if (!found) fail(ErrorKind::key, templates::str(key) + " is no inlet of the task");
      return *std::move(found);
    });
  }
  // By its place among the inlets, its object, or its name or uri.
  [[nodiscard]] std::optional<Item> item(const Item& key) override {
    const Items all = inlets();
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool fits = key.is_integer() ? key.as_integer() == static_cast<std::int64_t>(i) : is_meant(key, all[i]);
      if (fits) return std::make_shared<InletEvents>(question_about(all[i]), lookups_);
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] Items inlets() const {
    Items items;
    for (const Item& item : make_assets(facts_.inlets).sequence()) {
      if (item.is(Type::host)) items.push_back(item);
    }
    return items;
  }
  static Object question_about(const Item& inlet) {
    Object question{
        {"type", "GetAssetEventByAsset"}, {"after", nullptr}, {"before", nullptr}, {"limit", nullptr}, {"ascending", true}};
    HostObject& asset = *inlet.as_host();
    if (asset.type_name() == "AssetAlias") {
      question.set("type", "GetAssetEventByAssetAlias");
      question.add("alias_name", asset.attribute("name")->as_string());
    } else {
      question.add("name", asset.attribute("name")->as_string());
      question.add("uri", asset.attribute("uri")->as_string());
    }
    return question;
  }

  const AirflowFacts& facts_;
  const Lookups& lookups_;
};

}  // namespace

Value consumed_asset_events(const AirflowFacts& facts, const Lookups& lookups) {
  if (facts.asset_events.is_array()) return facts.asset_events;
  const Value run = ask(lookups, Object{{"type", "GetDagRun"}, {"dag_id", facts.dag_id}, {"run_id", facts.run_id}});
  const Value events = run.get_value("consumed_asset_events");
  return events.is_array() ? events : Value(Array{});
}

// What is no asset stays what it is: inlets may be anything.
Item make_assets(const Value& declared) {
  Items items;
  if (!declared.is_array()) return Item::list({});
  for (const Value& one : declared.as_array()) {
    const std::string type = one.is_object() ? one.get_string("__type") : "";
    const Value members = one.is_object() ? one.get_value("__var") : Value();
    if (type == "asset")
      items.push_back(make_asset(members));
    else if (type == "asset_alias")
      items.push_back(make_alias(members.get_string("name")));
    else
      items.push_back(from_value(one));
  }
  return Item::list(std::move(items));
}

Item make_triggering_asset_events(const AirflowFacts& facts, const Lookups& lookups) {
  return std::make_shared<TriggeringEvents>(facts, lookups);
}

Item make_inlet_events(const AirflowFacts& facts, const Lookups& lookups) {
  return std::make_shared<InletEventsByInlet>(facts, lookups);
}

}  // namespace venturi::templates
