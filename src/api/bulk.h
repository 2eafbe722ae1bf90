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
// same order: an error or nothing, and the result (null where there is an error).
using Outcomes = std::vector<std::optional<Error>>;
void run_all(const Call& call, std::vector<Value> commands, const Reply& reply,
             std::function<net::HttpServerResponse(const Outcomes&, const Array& results)> then);

// A state that task instances may be marked with; or Refusal 422.
TaskState wanted_state(const Value& word);
// include_upstream, include_downstream, include_future, include_past of a body, into a command.
void add_spread(const Value& body, Object& command);

// What PATCH of a whole collection changes (Airflow's bulk actions), and how.
struct Entities {
  std::string_view what, ids;      // "pools", "pool names": as the messages call them
  std::string_view id;             // the member that names one; what is to be deleted may be this text alone
  std::span<const Field> members;  // of one that is created or changed
  // All may throw a Refusal, which becomes an error of the answer. How one is called there; missing: by `id`.
  std::function<std::string(const Call&, const Value& entity)> name = {};
  std::function<bool(const Call&, const Value& entity)> is_there;
  // The commands. Without `create`, why there is none.
  std::function<Value(const Call&, const Value& entity)> create = {};
  std::string_view no_create = {};
  using Mask = std::optional<std::vector<std::string>>;
  std::function<Value(const Call&, const Value& entity, const Mask& update_mask)> update;
  std::function<Value(const Call&, const Value& entity)> remove;
};
// Of an entity that may be a text alone.
[[nodiscard]] std::string entity_id(std::string_view id, const Value& entity);
inline constexpr Field bulk_body[] = {{"actions", Field::Type::array, true, false}};
void bulk(const Call& call, const Reply& reply, const Entities& entities);

}  // namespace venturi::api
