#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "api/api.h"
#include "api/endpoints.h"
#include "api/listing.h"
#include "server/backfill_value.h"

namespace venturi::api {
namespace {

Value shown(Api& api, Value backfill) {
  const auto dag = must(api.reader().dag(backfill.get_string("dag_id")));
  const std::string dag_id = backfill.get_string("dag_id");
  const Value* of = dag == nullptr ? nullptr : dag->serialized.get("dag");
  backfill.as_object().set("dag_display_name", of == nullptr ? dag_id : of->get_string("dag_display_name", dag_id));
  return backfill;
}

std::int64_t id_of(const Call& call) {
  const std::int64_t id = call.path_integer("backfill_id");
  if (id < 0)
    throw Refusal{422, Array{problem("greater_than_equal", {Value("path"), Value("backfill_id")},
                                     "Input should be greater than or equal to 0", call.at("backfill_id"))}};
  return id;
}

void list_backfills(const Call& call, const Reply& reply) {
  const auto dag_id = call.text("dag_id");
  auto backfills = must(call.api->reader().backfills(dag_id));
  constexpr std::array<std::string_view, 1> columns{"id"};
  const auto orders = orders_of(call, columns);
  if (!orders.empty() && orders.front().descending) std::ranges::reverse(backfills);
  const auto page = call.page();
  Array rows;
  for (std::size_t i = page.offset; i < backfills.size() && rows.size() < page.limit; ++i)
    rows.push_back(shown(*call.api, server::backfill_value(backfills[i])));
  reply(page_of("backfills", std::move(rows), backfills.size()));
}

void get_backfill(const Call& call, const Reply& reply) {
  const auto backfill = must(call.api->reader().backfill(id_of(call)));
  if (!backfill) throw Refusal{404, "Backfill not found"};
  reply(json(shown(*call.api, server::backfill_value(*backfill))));
}

net::HttpServerResponse refused_change(const Error& error) {
  if (error.kind == ErrorKind::not_found) throw Refusal{404, "Backfill not found"};
  if (error.kind == ErrorKind::conflict) throw Refusal{409, "Backfill is already completed."};
  throw refusal_of(error);
}

void change(const Call& call, const Reply& reply, const char* command) {
  Api* api = call.api;
  call.run(
      Object{{"command", command}, {"backfill_id", id_of(call)}, {"user", call.user}}, reply,
      [api](const Value& result) { return json(shown(*api, result.at("backfill"))); }, refused_change);
}
void pause_backfill(const Call& call, const Reply& reply) {
  change(call, reply, "backfill pause");
}
void unpause_backfill(const Call& call, const Reply& reply) {
  change(call, reply, "backfill unpause");
}
void cancel_backfill(const Call& call, const Reply& reply) {
  change(call, reply, "backfill cancel");
}

// What is wrong with a range or a schedule is 422 here, as Airflow has it.
std::function<net::HttpServerResponse(const Error&)> refused_creation(const std::string& dag_id) {
  return [dag_id](const Error& error) -> net::HttpServerResponse {
    if (error.kind == ErrorKind::not_found) throw Refusal{404, fmt::format("Could not find dag {}", dag_id)};
    if (error.kind == ErrorKind::conflict)
      throw Refusal{409, fmt::format("There is already a running backfill for dag {}", dag_id)};
    if (error.kind == ErrorKind::invalid) throw Refusal{422, error.text()};
    throw refusal_of(error);
  };
}

Object create_command(const Call& call, bool dry_run) {
  Object command{{"command", "backfill create"}, {"user", call.user}, {"dry_run", dry_run}};
  for (const auto& [member, value] : call.body.as_object()) {
    if (!value.is_null()) command.set(member, value);
  }
  // As the command line reads them: what a client wrote may have an offset of its own.
  for (const char* date : {"from_date", "to_date"}) command.set(date, format_time(*call.body_date(date)));
  const std::string behavior = call.body.get_string("reprocess_behavior", "none");
  if (!parse_reprocess_behavior(behavior)) {
    throw Refusal{422, Array{problem("enum", {Value("body"), Value("reprocess_behavior")},
                                     "Input should be 'failed', 'completed' or 'none'", behavior)}};
  }
  return command;
}

void create_backfill(const Call& call, const Reply& reply) {
  Api* api = call.api;
  const std::string dag_id = call.body.at("dag_id").as_string();
  if (!must(api->reader().dag(dag_id))) throw Refusal{404, fmt::format("Could not find dag {}", dag_id)};
  call.run(
      create_command(call, false), reply, [api](const Value& result) { return json(shown(*api, result.at("backfill"))); },
      refused_creation(dag_id));
}

void create_backfill_dry_run(const Call& call, const Reply& reply) {
  const std::string dag_id = call.body.at("dag_id").as_string();
  if (!must(call.api->reader().dag(dag_id))) throw Refusal{404, fmt::format("Could not find dag {}", dag_id)};
  call.run(
      create_command(call, true), reply,
      [](const Value& result) {
        Array rows;
        for (const Value& date : result.at("logical_dates").as_array())
          rows.emplace_back(Object{{"logical_date", date}, {"partition_key", Value()}, {"partition_date", Value()}});
        const std::size_t total = rows.size();
        return page_of("backfills", std::move(rows), total);
      },
      refused_creation(dag_id));
}

constexpr Field list_query[] = {{"dag_id", Field::Type::text, true},
                                {"limit", Field::Type::integer},
                                {"offset", Field::Type::integer},
                                {"order_by", Field::Type::text}};
constexpr Field create_body[] = {{"dag_id", Field::Type::text, true, false},
                                 {"from_date", Field::Type::date, true, false},
                                 {"to_date", Field::Type::date, true, false},
                                 {"run_backwards", Field::Type::boolean, false, false},
                                 {"dag_run_conf", Field::Type::object},
                                 {"reprocess_behavior", Field::Type::text, false, false},
                                 {"max_active_runs", Field::Type::integer, false, false},
                                 {"run_on_latest_version", Field::Type::boolean, false, true, false}};

}  // namespace

// A change is PUT; airflowctl sends POST.
std::span<const Endpoint> backfill_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/backfills", "list_backfills", Permission::viewer, list_backfills, list_query},
      {"POST", "/api/v2/backfills", "create_backfill", Permission::op, create_backfill, {}, create_body},
      {"POST",
       "/api/v2/backfills/dry_run",
       "create_backfill_dry_run",
       Permission::op,
       create_backfill_dry_run,
       {},
       create_body},
      {"GET", "/api/v2/backfills/{backfill_id}", "get_backfill", Permission::viewer, get_backfill},
      {"PUT", "/api/v2/backfills/{backfill_id}/pause", "pause_backfill", Permission::op, pause_backfill},
      {"PUT", "/api/v2/backfills/{backfill_id}/unpause", "unpause_backfill", Permission::op, unpause_backfill},
      {"PUT", "/api/v2/backfills/{backfill_id}/cancel", "cancel_backfill", Permission::op, cancel_backfill},
      {"POST", "/api/v2/backfills/{backfill_id}/pause", "post_pause_backfill", Permission::op, pause_backfill},
      {"POST", "/api/v2/backfills/{backfill_id}/unpause", "post_unpause_backfill", Permission::op, unpause_backfill},
      {"POST", "/api/v2/backfills/{backfill_id}/cancel", "post_cancel_backfill", Permission::op, cancel_backfill},
  };
  return list;
}

}  // namespace venturi::api
