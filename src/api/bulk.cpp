#include "api/bulk.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace venturi::api {
namespace {

struct Work {
  Call call;
  std::vector<Value> commands;
  Reply reply;
  std::function<net::HttpServerResponse(const Outcomes&, const Array&)> then;
  Outcomes outcomes = {};
  Array results = {};
};

void run_next(const std::shared_ptr<Work>& work) {
  if (work->outcomes.size() == work->commands.size())
    return answer(work->reply, [&] { return work->then(work->outcomes, work->results); });
  const auto next = [work](std::optional<Error> outcome, const Value& result) {
    work->outcomes.push_back(std::move(outcome));
    work->results.push_back(result);
    run_next(work);
    return net::HttpServerResponse{.status = 0};
  };
  work->call.run(
      work->commands[work->outcomes.size()], only_answers(work->reply),
      [next](const Value& result) { return next(std::nullopt, result); },
      [next](const Error& error) { return next(error, {}); });
}

// ---- bulk actions --------------------------------------------------------------------------------------------------------

struct Meant {
  std::string name;
  bool is_there = false;
  const Value* entity = nullptr;  // in the body
};

struct BulkWork {
  Call call;
  Reply reply;
  Entities entities;
  std::size_t at = 0;             // of its actions
  std::vector<Meant> meant = {};  // of the present action, and which comes next
  std::size_t next = 0;
  Object results = {{"create", Value()}, {"update", Value()}, {"delete", Value()}};
};

void add_result(BulkWork& work, const std::string& action, const char* list, Value entry) {
  Value* result = work.results.find(action);
  if (result->is_null()) *result = Object{{"success", Array{}}, {"errors", Array{}}};
  result->as_object().find(list)->as_array().push_back(std::move(entry));
}

Value error_of(const Refusal& refusal) {
  const std::string text = refusal.detail.is_string() ? refusal.detail.as_string() : refusal.detail.get_string("message");
  return Object{{"error", text}, {"status_code", static_cast<std::int64_t>(refusal.status)}};
}

// Python's way to write a set of strings.
std::string listed(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "'" : ", '") + id + "'";
  return "{" + text + "}";
}

void next_action(const std::shared_ptr<BulkWork>& work);

// In a call of its own: a body may hold more actions than the stack holds calls.
void go_on(const std::shared_ptr<BulkWork>& work) {
  work->call.api->post([work] { attempt(work->reply, [&] { next_action(work); }); });
}

// Each command is made when its turn comes: of what those before it have left.
void next_entity(const std::shared_ptr<BulkWork>& work, const Value& action) {
  const std::string kind = action.get_string("action");
  const Entities& of = work->entities;
  Entities::Mask mask;
  if (const Value* given = action.get("update_mask")) {
    mask.emplace();
    for (const Value& name : given->as_array()) mask->push_back(name.is_string() ? name.as_string() : "");
  }
  while (work->next < work->meant.size()) {
    const auto& [name, is_there, entity] = work->meant[work->next++];
    Value command;
    try {
      command = kind == "delete"                ? of.remove(work->call, *entity)
                : kind == "create" && !is_there ? of.create(work->call, *entity)
                                                : of.update(work->call, *entity, mask);
    } catch (const Refusal& refusal) {
      add_result(*work, kind, "errors", error_of(refusal));
      continue;
    }
    const auto go_on_with = [work, kind, &action](const char* list, Value entry) {
      add_result(*work, kind, list, std::move(entry));
      next_entity(work, action);
      return net::HttpServerResponse{.status = 0};
    };
    return work->call.run(
        std::move(command), only_answers(work->reply),
        [go_on_with, id = name](const Value&) { return go_on_with("success", id); },
        [go_on_with](const Error& error) { return go_on_with("errors", error_of(refusal_of(error))); });
  }
  go_on(work);
}

void next_action(const std::shared_ptr<BulkWork>& work) {
  const Array& actions = work->call.body.at("actions").as_array();
  if (work->at == actions.size()) return work->reply(json(work->results));
  const Value& action = actions[work->at++];
  const std::string kind = action.get_string("action");
  const Entities& of = work->entities;
  add_result(*work, kind, "success", Value());
  work->results.find(kind)->as_object().find("success")->as_array().pop_back();  // it was asked for, also with nothing in it

  if (kind == "create" && !of.create) {
    add_result(*work, kind, "errors", error_of({405, Value(std::string(of.no_create))}));
    return go_on(work);
  }
  work->meant.clear();
  work->next = 0;
  std::vector<std::string> there, missing;
  for (const Value& entity : action.at("entities").as_array()) {
    try {
      std::string name = of.name ? of.name(work->call, entity) : entity_id(of.id, entity);
      const bool is_there = of.is_there(work->call, entity);
      (is_there ? there : missing).push_back(name);
      work->meant.push_back({std::move(name), is_there, &entity});
    } catch (const Refusal& refusal) {
      add_result(*work, kind, "errors", error_of(refusal));
    }
  }
  const std::string on_existence = action.get_string("action_on_existence", "fail"),
                    on_absence = action.get_string("action_on_non_existence", "fail");
  if (kind == "create" && on_existence == "fail" && !there.empty()) {
    add_result(*work, kind, "errors",
               error_of({409, fmt::format("The {} with these {}: {} already exist.", of.what, of.ids, listed(there))}));
    return go_on(work);
  }
  if (kind != "create" && on_absence == "fail" && !missing.empty()) {
    add_result(*work, kind, "errors",
               error_of({404, fmt::format("The {} with these {}: {} were not found.", of.what, of.ids, listed(missing))}));
    return go_on(work);
  }
  if (kind != "create" || on_existence == "skip")
    std::erase_if(work->meant, [is_create = kind == "create"](const Meant& meant) { return meant.is_there == is_create; });
  next_entity(work, action);
}

void check_choice(const Value& action, const char* name, std::initializer_list<std::string_view> words, const Array& loc,
                  Array& problems) {
  const Value* given = action.get(name);
  if (given == nullptr) return;
  const bool is_one = given->is_string() && std::ranges::find(words, std::string_view(given->as_string())) != words.end();
  if (is_one) return;
  Array at = loc;
  at.emplace_back(name);
  problems.push_back(problem("enum", std::move(at), fmt::format("Input should be '{}'", fmt::join(words, "', '")), *given));
}

void check_action(const Value& action, std::size_t number, const Entities& of, Array& problems) {
  static constexpr Field create_members[] = {{"action", Field::Type::text, true, false},
                                             {"entities", Field::Type::array, true, false},
                                             {"action_on_existence", Field::Type::text, false, false}};
  static constexpr Field update_members[] = {{"action", Field::Type::text, true, false},
                                             {"entities", Field::Type::array, true, false},
                                             {"update_mask", Field::Type::array},
                                             {"action_on_non_existence", Field::Type::text, false, false}};
  static constexpr Field delete_members[] = {{"action", Field::Type::text, true, false},
                                             {"entities", Field::Type::array, true, false},
                                             {"action_on_non_existence", Field::Type::text, false, false}};
  Array loc{Value("body"), Value("actions"), Value(static_cast<std::int64_t>(number))};
  if (!action.is_object()) {
    problems.push_back(problem("model_attributes_type", std::move(loc), "Input should be a valid dictionary", action));
    return;
  }
  const std::string kind = action.get_value("action").is_string() ? action.get_string("action") : "";
  if (kind != "create" && kind != "update" && kind != "delete") {
    problems.push_back(problem("union_tag_invalid", std::move(loc),
                               "Input tag should be one of the expected tags: 'create', 'update', 'delete'", action));
    return;
  }
  loc.emplace_back(kind);
  const std::size_t before = problems.size();
  check_members(kind == "create"   ? std::span<const Field>(create_members)
                : kind == "update" ? std::span<const Field>(update_members)
                                   : std::span<const Field>(delete_members),
                action, loc, problems);
  check_choice(action, "action_on_existence", {"fail", "skip", "overwrite"}, loc, problems);
  check_choice(action, "action_on_non_existence", {"fail", "skip"}, loc, problems);
  if (problems.size() > before) return;
  std::int64_t i = 0;
  for (const Value& entity : action.at("entities").as_array()) {
    Array at = loc;
    at.emplace_back("entities");
    at.emplace_back(i++);
    if (entity.is_string() && kind == "delete") continue;
    if (entity.is_object())
      check_members(of.members, entity, at, problems);
    else
      problems.push_back(problem("model_attributes_type", std::move(at), "Input should be a valid dictionary", entity));
  }
}

}  // namespace

std::string entity_id(std::string_view id, const Value& entity) {
  return entity.is_string() ? entity.as_string() : entity.get_string(id);
}

void bulk(const Call& call, const Reply& reply, const Entities& entities) {
  Array problems;
  std::size_t number = 0;
  constexpr std::size_t most_actions = 10'000;
  const Array& actions = call.body.at("actions").as_array();
  if (actions.size() > most_actions)
    throw Refusal{422, Array{problem("too_long", {Value("body"), Value("actions")},
                                     fmt::format("List should have at most {} items after validation, not {}", most_actions,
                                                 actions.size()))}};
  for (const Value& action : actions) check_action(action, number++, entities, problems);
  if (!problems.empty()) throw Refusal{422, std::move(problems)};
  next_action(std::make_shared<BulkWork>(BulkWork{call, reply, entities}));
}

void run_all(const Call& call, std::vector<Value> commands, const Reply& reply,
             std::function<net::HttpServerResponse(const Outcomes&, const Array&)> then) {
  run_next(std::make_shared<Work>(Work{call, std::move(commands), reply, std::move(then)}));
}

}  // namespace venturi::api
