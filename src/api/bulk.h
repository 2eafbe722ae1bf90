// Several changes for one call.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/api.h"
#include "base/result.h"

namespace venturi::api {

// Carries out commands one after the other, whatever becomes of each; `then` makes the answer of what became of them, in the
// same order: an error, or nothing.
using Outcomes = std::vector<std::optional<Error>>;
void run_all(const Call& call, std::vector<Value> commands, const Reply& reply,
             std::function<net::HttpServerResponse(const Outcomes&)> then);

// What PATCH of a whole collection changes (Airflow's bulk actions), and how.
struct Entities {
  std::string_view what, ids;       // "pools", "pool names": as the messages call them
  std::string_view id;              // the member that names one
  std::span<const Field> members;   // of one that is created or changed
  std::function<bool(Api&, const std::string& id)> is_there;
  // The commands; they may throw a Refusal.
  std::function<Value(const Call&, const Value& entity)> create;
  std::function<Value(const Call&, const Value& entity, const std::optional<std::vector<std::string>>& update_mask)> update;
  std::function<Value(const Call&, const std::string& id)> remove;
};
inline constexpr Field bulk_body[] = {{"actions", Field::Type::array, true, false}};
void bulk(const Call& call, const Reply& reply, const Entities& entities);

}  // namespace venturi::api
