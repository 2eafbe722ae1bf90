#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "api/api.h"
#include "api/bulk.h"
#include "api/endpoints.h"
#include "api/listing.h"

namespace venturi::api {
namespace {

// Of `pools use` (server/commands.h).
Value pool_body(const Value& of) {
  const std::int64_t slots = of.get_int("slots"), occupied = of.get_int("occupied");
  return Object{{"name", of.get_string("pool")},
                {"slots", slots},
                {"description", text_or_null(of.get_string("description"))},
                {"include_deferred", of.get_bool("include_deferred")},
                {"occupied_slots", occupied},
                {"running_slots", of.get_int("running")},
                {"queued_slots", of.get_int("queued")},
                {"scheduled_slots", of.get_int("scheduled")},
                {"open_slots", slots < 0 ? Value(std::int64_t{-1}) : Value(slots - occupied)},
                {"deferred_slots", of.get_int("deferred")},
                {"team_name", Value()}};
}

void with_pools(const Call& call, const Reply& reply, std::function<net::HttpServerResponse(const Array&)> then) {
  call.run(Object{{"command", "pools use"}}, reply,
           [then = std::move(then)](const Value& result) { return then(result.at("pools").as_array()); });
}

net::HttpServerResponse one_pool(const Array& pools, const std::string& name, unsigned status = 200) {
  const auto found = std::ranges::find_if(pools, [&](const Value& pool) { return pool.get_string("pool") == name; });
  if (found == pools.end()) throw Refusal{404, fmt::format("The Pool with name: `{}` was not found", name)};
  return json(pool_body(*found), status);
}

void get_pools(const Call& call, const Reply& reply) {
  with_pools(call, reply, [call](const Array& pools) {
    std::vector<Value> rows;
    for (const Value& pool : pools) {
      if (fits_text(call, "pool_name", pool.get_string("pool"))) rows.push_back(pool_body(pool));
    }
    constexpr std::array<Column<Value>, 4> columns{
        {{"id", [](const Value& row) { return row.get_value("name"); }},
         {"name", [](const Value& row) { return row.get_value("name"); }},
         {"pool", [](const Value& row) { return row.get_value("name"); }},
         {"description", [](const Value& row) { return row.get_value("description"); }}}};
    order_rows<Value>(call, rows, columns);
    return page_of_rows(call, "pools", rows, [](const Value& row) { return row; });
  });
}

void get_pool(const Call& call, const Reply& reply) {
  with_pools(call, reply, [name = call.at("pool_name")](const Array& pools) { return one_pool(pools, name); });
}

Value set_pool_command(const std::string& name, const Value& slots, const std::string& description, bool include_deferred) {
  return Object{{"command", "pools set"},
                {"pool", name},
                {"slots", slots},
                {"description", description},
                {"include_deferred", include_deferred}};
}

void set_pool(const Call& call, const Reply& reply, Value command, unsigned status) {
  const std::string name = command.get_string("pool");
  call.run(
      std::move(command), [](const net::HttpServerResponse&) {},
      [again = call, reply, name, status](const Value&) {
        with_pools(again, reply, [name, status](const Array& pools) { return one_pool(pools, name, status); });
        return net::HttpServerResponse{};
      },
      [reply](const Error& error) {
        answer(reply, [&]() -> net::HttpServerResponse { throw refusal_of(error); });
        return net::HttpServerResponse{};
      });
}

bool is_pool(Api& api, const std::string& name) {
  const auto pools = must(api.reader().pools());
  return name == default_pool || std::ranges::find(pools, name, &PoolRecord::pool) != pools.end();
}

Value new_pool_command(const Value& body) {
  return set_pool_command(body.at("name").as_string(), body.at("slots"), body.get_string("description"),
                          body.get_bool("include_deferred"));
}

void post_pool(const Call& call, const Reply& reply) {
  const std::string name = call.body.at("name").as_string();
  if (is_pool(*call.api, name)) throw unique_violation(fmt::format("there is a pool {} already", name));
  set_pool(call, reply, new_pool_command(call.body), 201);
}

// Has a row once something of it was set.
PoolRecord unset_default_pool(const Api& api) {
  return {std::string(default_pool), static_cast<int>(api.config().integer("core.default_pool_task_slot_count")),
          "Default pool", false};
}

Value changed_pool_command(Api& api, const std::string& name, const Value& body,
                           const std::function<bool(std::string_view)>& takes) {
  const auto pools = must(api.reader().pools());
  const auto found = std::ranges::find(pools, name, &PoolRecord::pool);
  if (found == pools.end() && name != default_pool)
    throw Refusal{404, fmt::format("The Pool with name: `{}` was not found", name)};
  if (name == default_pool && (body.get("description") != nullptr) && takes("description"))
    throw Refusal{400, "Only slots and included_deferred can be modified on Default Pool"};
  const PoolRecord before = found == pools.end() ? unset_default_pool(api) : *found;
  const Value slots = takes("slots") && body.get("slots") != nullptr ? body.at("slots") : Value(before.slots);
  const std::string description =
      takes("description") && body.get("description") != nullptr ? body.get_string("description") : before.description;
  const bool include =
      takes("include_deferred") ? body.get_bool("include_deferred", before.include_deferred) : before.include_deferred;
  return set_pool_command(name, slots, description, include);
}

void patch_pool(const Call& call, const Reply& reply) {
  const std::string& name = call.at("pool_name");
  for (const char* member : {"name", "pool"}) {
    if (const Value* given = call.body.get(member); given != nullptr && given->as_string() != name)
      throw Refusal{400, "Invalid body, pool name from request body doesn't match uri parameter"};
  }
  set_pool(call, reply,
           changed_pool_command(*call.api, name, call.body, [&](std::string_view member) { return call.takes(member); }), 200);
}

void delete_pool(const Call& call, const Reply& reply) {
  const std::string& name = call.at("pool_name");
  if (name == default_pool) throw Refusal{400, "Default Pool can't be deleted"};
  call.run(
      Object{{"command", "pools delete"}, {"pool", name}}, reply, [](const Value&) { return no_content(); },
      [name](const Error& error) -> net::HttpServerResponse {
        if (error.kind == ErrorKind::not_found) throw Refusal{404, fmt::format("The Pool with name: `{}` was not found", name)};
        throw refusal_of(error);
      });
}

Value remove_pool_command(const std::string& name) {
  if (name == default_pool) throw Refusal{400, "Default Pool can't be deleted"};
  return Object{{"command", "pools delete"}, {"pool", name}};
}

constexpr Field new_pool[] = {{"name", Field::Type::text, true, false},
                              {"slots", Field::Type::integer, true, false},
                              {"description", Field::Type::text},
                              {"include_deferred", Field::Type::boolean, false, false},
                              {"team_name", Field::Type::text, false, true, false}};
constexpr Field changed_pool[] = {{"name", Field::Type::text},
                                  {"pool", Field::Type::text},
                                  {"slots", Field::Type::integer},
                                  {"description", Field::Type::text},
                                  {"include_deferred", Field::Type::boolean},
                                  {"team_name", Field::Type::text, false, true, false}};

void bulk_pools(const Call& call, const Reply& reply) {
  bulk(call, reply,
       {.what = "pools",
        .ids = "pool names",
        .id = "name",
        .members = new_pool,
        .is_there = [](const Call& of, const Value& pool) { return is_pool(*of.api, entity_id("name", pool)); },
        .create = [](const Call&, const Value& pool) { return new_pool_command(pool); },
        .update =
            [](const Call& of, const Value& pool, const Entities::Mask& mask) {
              return changed_pool_command(*of.api, pool.at("name").as_string(), pool, [&](std::string_view member) {
                return !mask || std::ranges::find(*mask, member) != mask->end();
              });
            },
        .remove = [](const Call&, const Value& pool) { return remove_pool_command(entity_id("name", pool)); }});
}

constexpr Field pool_query[] = {VENTURI_PAGE, VENTURI_PATTERNS("pool_name")};

}  // namespace

std::span<const Endpoint> pool_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/pools", "get_pools", Permission::viewer, get_pools, pool_query},
      {"POST", "/api/v2/pools", "post_pool", Permission::op, post_pool, {}, new_pool, "pools"},
      {"PATCH", "/api/v2/pools", "bulk_pools", Permission::op, bulk_pools, {}, bulk_body, "pools"},
      {"GET", "/api/v2/pools/{pool_name}", "get_pool", Permission::viewer, get_pool},
      {"PATCH", "/api/v2/pools/{pool_name}", "patch_pool", Permission::op, patch_pool, update_mask, changed_pool, "pools"},
      {"DELETE", "/api/v2/pools/{pool_name}", "delete_pool", Permission::op, delete_pool, {}, {}, "pools"},
  };
  return list;
}

}  // namespace venturi::api
