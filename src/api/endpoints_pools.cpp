#include <algorithm>

#include <fmt/format.h>

#include "api/api.h"
#include "api/endpoints.h"

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
  call.api->command(Object{{"command", "pools use"}}, reply,
                    [then = std::move(then)](const Value& result) { return then(result.at("pools").as_array()); });
}

net::HttpServerResponse one_pool(const Array& pools, const std::string& name, unsigned status = 200) {
  const auto found = std::ranges::find_if(pools, [&](const Value& pool) { return pool.get_string("pool") == name; });
  if (found == pools.end()) throw Refusal{404, fmt::format("The Pool with name: `{}` was not found", name)};
  return json(pool_body(*found), status);
}

void get_pools(const Call& call, const Reply& reply) {
  with_pools(call, reply, [page = call.page(), descending = call.is_descending("name")](Array pools) {
    if (descending) std::ranges::reverse(pools);
    Array rows;
    for (std::size_t i = page.offset; i < pools.size() && rows.size() < page.limit; ++i) rows.push_back(pool_body(pools[i]));
    return page_of("pools", std::move(rows), pools.size());
  });
}

void get_pool(const Call& call, const Reply& reply) {
  with_pools(call, reply, [name = call.at("pool_name")](const Array& pools) { return one_pool(pools, name); });
}

void set_pool(const Call& call, const Reply& reply, const std::string& name, const Value& slots, const std::string& description,
              bool include_deferred, unsigned status) {
  call.api->command(
      Object{{"command", "pools set"},
             {"pool", name},
             {"slots", slots},
             {"description", description},
             {"include_deferred", include_deferred}},
      [](const net::HttpServerResponse&) {},
      [again = call, reply, name, status](const Value&) {
        with_pools(again, reply, [name, status](const Array& pools) { return one_pool(pools, name, status); });
        return net::HttpServerResponse{};
      },
      [reply](const Error& error) {
        answer(reply, [&]() -> net::HttpServerResponse { throw refusal_of(error); });
        return net::HttpServerResponse{};
      });
}

void post_pool(const Call& call, const Reply& reply) {
  const std::string name = call.body.at("name").as_string();
  const auto pools = must(call.api->reader().pools());
  if (name == default_pool || std::ranges::find(pools, name, &PoolRecord::pool) != pools.end()) {
    throw unique_violation(fmt::format("there is a pool {} already", name));
  }
  set_pool(call, reply, name, call.body.at("slots"), call.body.get_string("description"),
           call.body.get_bool("include_deferred"), 201);
}

// Has a row once something of it was set.
PoolRecord unset_default_pool(const Api& api) {
  return {std::string(default_pool), static_cast<int>(api.config().integer("core.default_pool_task_slot_count")),
          "Default pool", false};
}

void patch_pool(const Call& call, const Reply& reply) {
  const std::string& name = call.at("pool_name");
  const auto pools = must(call.api->reader().pools());
  const auto found = std::ranges::find(pools, name, &PoolRecord::pool);
  if (found == pools.end() && name != default_pool)
    throw Refusal{404, fmt::format("The Pool with name: `{}` was not found", name)};
  if (name == default_pool && (call.body.get("description") != nullptr) && call.takes("description"))
    throw Refusal{400, "Only slots and included_deferred can be modified on Default Pool"};
  const PoolRecord before = found == pools.end() ? unset_default_pool(*call.api) : *found;
  const Value slots = call.takes("slots") && call.body.get("slots") != nullptr ? call.body.at("slots") : Value(before.slots);
  const std::string description = call.takes("description") && call.body.get("description") != nullptr
                                      ? call.body.get_string("description")
                                      : before.description;
  const bool include = call.takes("include_deferred") ? call.body.get_bool("include_deferred", before.include_deferred)
                                                      : before.include_deferred;
  set_pool(call, reply, name, slots, description, include, 200);
}

void delete_pool(const Call& call, const Reply& reply) {
  const std::string& name = call.at("pool_name");
  if (name == default_pool) throw Refusal{400, "Default Pool can't be deleted"};
  call.api->command(
      Object{{"command", "pools delete"}, {"pool", name}}, reply, [](const Value&) { return no_content(); },
      [name](const Error& error) -> net::HttpServerResponse {
        if (error.kind == ErrorKind::not_found) throw Refusal{404, fmt::format("The Pool with name: `{}` was not found", name)};
        throw refusal_of(error);
      });
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

}  // namespace

std::span<const Endpoint> pool_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/pools", "get_pools", Permission::viewer, get_pools, page_query},
      {"POST", "/api/v2/pools", "post_pool", Permission::op, post_pool, {}, new_pool},
      {"GET", "/api/v2/pools/{pool_name}", "get_pool", Permission::viewer, get_pool},
      {"PATCH", "/api/v2/pools/{pool_name}", "patch_pool", Permission::op, patch_pool, update_mask, changed_pool},
      {"DELETE", "/api/v2/pools/{pool_name}", "delete_pool", Permission::op, delete_pool},
  };
  return list;
}

}  // namespace venturi::api
