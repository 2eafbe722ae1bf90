// One declaration per endpoint of the REST API: what it is called, who may call it, what it takes, and who answers. Routing,
// checks and the OpenAPI document come from these (docs/architecture/api.md).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/http_server.h"
#include "net/web_fields.h"
#include "venturi/value.h"

namespace venturi::api {

class Api;

// Those of home/users.h, in their order.
enum class Role : std::uint8_t { viewer, user, op, admin };
[[nodiscard]] std::optional<Role> parse_role(std::string_view word);

// Has no value unless one is given: an endpoint that does not say who may call it does not compile.
class Permission {
 public:
  static const Permission open_to_all, viewer, user, op, admin;
  [[nodiscard]] bool needs_token() const { return needs_token_; }
  [[nodiscard]] bool allows(Role role) const { return role >= least_; }

 private:
  constexpr Permission(bool needs_token, Role least) : needs_token_(needs_token), least_(least) {}
  bool needs_token_;
  Role least_;
};
inline constexpr Permission Permission::open_to_all{false, Role::viewer};
inline constexpr Permission Permission::viewer{true, Role::viewer};
inline constexpr Permission Permission::user{true, Role::user};
inline constexpr Permission Permission::op{true, Role::op};
inline constexpr Permission Permission::admin{true, Role::admin};

// A member of a body, or of a query.
struct Field {
  enum class Type : std::uint8_t { text, integer, number, boolean, date, object, array, any };
  std::string_view name;
  Type type;
  bool is_required = false;
  bool is_nullable = true;
  bool is_served = true;  // false: Airflow's, and refused where it asks for something (is neither null nor false)
};

// An answer that is no success: Airflow's {"detail": ...}.
struct Refusal {
  unsigned status;
  Value detail;
};
// One entry of a 422's list, as pydantic writes it.
[[nodiscard]] Value problem(std::string type, Array loc, std::string message, Value input = {});
// 409: Airflow's body where a unique key is there already.
[[nodiscard]] Refusal unique_violation(std::string message);

using Reply = std::function<void(net::HttpServerResponse)>;

struct Endpoint;

// What came in, checked against the declaration. Accessors throw Refusal where the client gave something else.
struct Call {
  Api* api;
  const Endpoint* endpoint = nullptr;
  std::map<std::string, std::string, std::less<>> path;
  net::WebFields query;
  Value body;
  std::string user, accept;
  const net::HttpServerRequest* request = nullptr;  // while the handler runs, and not in line

  [[nodiscard]] const std::string& at(std::string_view name) const { return path.find(name)->second; }
  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;  // of the query; the first of several
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  [[nodiscard]] std::int64_t path_integer(std::string_view name) const;
  [[nodiscard]] double number(std::string_view name, double otherwise) const;
  [[nodiscard]] bool boolean(std::string_view name, bool otherwise) const;
  [[nodiscard]] std::optional<Time> date(std::string_view name) const;  // of the query
  [[nodiscard]] std::optional<Time> body_date(std::string_view name) const;
  // `note` of the body, into a command, or Refusal. Whether there is one that is to be taken; null takes it away.
  bool add_note(Object& command) const;
  // By `update_mask`, which takes every member where it is missing.
  [[nodiscard]] bool takes(std::string_view member) const;

  struct Page {
    std::size_t offset, limit;
  };
  [[nodiscard]] Page page() const;  // 50 unless it says otherwise, [api] maximum_page_limit at most

  // Carries out a command of the server that changes something (Api::command); a row of the event logs says by whom.
  void run(Value command, const Reply& reply, std::function<net::HttpServerResponse(const Value& result)> then) const;
  void run(Value command, const Reply& reply, std::function<net::HttpServerResponse(const Value& result)> then,
           std::function<net::HttpServerResponse(const Error&)> otherwise) const;
};

struct Endpoint {
  std::string_view method, path, operation_id;  // path as in Airflow's document: "/api/v2/dags/{dag_id}"
  Permission permission;
  void (*handler)(const Call&, const Reply&);
  std::span<const Field> query = {};
  std::span<const Field> body = {};
  // Calls of endpoints with the same word are handled one after the other: what one reads, none has begun to change.
  std::string_view line = {};
};

// All endpoints; each group in a file of its own (endpoints_*.cpp).
[[nodiscard]] const std::vector<Endpoint>& endpoints();

struct Match {
  const Endpoint* endpoint = nullptr;
  bool path_is_known = false;  // with another method
  std::map<std::string, std::string, std::less<>> path;
};
[[nodiscard]] Match find_endpoint(std::string_view method, std::string_view path);
// The body as the endpoint declares it, or Refusal with Airflow's 422.
[[nodiscard]] Value check_body(const Endpoint& endpoint, std::string_view text);
// Appends what is wrong with an object that has these members; `loc`: where it stands.
void check_members(std::span<const Field> fields, const Value& object, const Array& loc, Array& problems);
// Of more than 1,000 characters, as in Airflow; empty where nothing is wrong.
[[nodiscard]] std::string trouble_with_note(const Value& note);
// Refusal where there is one that the endpoint does not declare, or one missing that it requires.
void check_query(const Endpoint& endpoint, const Call& call);
[[nodiscard]] Value openapi_document();

// Airflow's *_pattern: somewhere in the text, in any case, "%" and "_" as in SQL's LIKE, several with "|"; "~" is all.
[[nodiscard]] bool fits_pattern(std::string_view text, std::string_view patterns);
// The alternatives of such a pattern, for LIKE.
[[nodiscard]] std::vector<std::string> like_patterns(std::string_view patterns);

// ---- answers -------------------------------------------------------------------------------------------------------------

[[nodiscard]] net::HttpServerResponse json(const Value& body, unsigned status = 200);
[[nodiscard]] net::HttpServerResponse no_content();
// {"<name>": [...], "total_entries": n} of a page of rows.
[[nodiscard]] net::HttpServerResponse page_of(std::string_view name, Array rows, std::size_t total);
[[nodiscard]] Value date_or_null(const std::optional<Time>& time);
[[nodiscard]] Value text_or_null(const std::string& text);

}  // namespace venturi::api
