#include "api/endpoint.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "api/api.h"
#include "base/json.h"
#include "base/percent.h"
#include "base/utf8.h"

namespace venturi::api {
namespace {

constexpr std::size_t default_page = 50;

std::string_view type_name(Field::Type type) {
  switch (type) {
    case Field::Type::text:
    case Field::Type::date:
      return "string";
    case Field::Type::integer:
      return "integer";
    case Field::Type::number:
      return "number";
    case Field::Type::boolean:
      return "boolean";
    case Field::Type::object:
      return "object";
    case Field::Type::array:
      return "array";
    case Field::Type::any:
      break;
  }
  return "";
}

// What is wrong with a member, in pydantic's words; an empty type where nothing is.
std::pair<std::string, std::string> trouble(const Field& field, const Value& value) {
  if (value.is_null()) {
    if (field.is_nullable) return {};
    if (field.type == Field::Type::object) return {"dict_type", "Input should be a valid dictionary"};
  }
  switch (field.type) {
    case Field::Type::text:
      if (!value.is_string()) return {"string_type", "Input should be a valid string"};
      break;
    case Field::Type::integer:
      if (!value.is_int()) return {"int_type", "Input should be a valid integer"};
      break;
    case Field::Type::number:
      if (!value.is_int() && !value.is_double()) return {"float_type", "Input should be a valid number"};
      break;
    case Field::Type::boolean:
      if (!value.is_bool()) return {"bool_type", "Input should be a valid boolean"};
      break;
    case Field::Type::date: {
      if (!value.is_string()) return {"datetime_type", "Input should be a valid datetime"};
      const std::string& text = value.as_string();
      if (!parse_time(text)) return {"datetime_from_date_parsing", "Input should be a valid datetime or date"};
      constexpr std::size_t date_alone = std::string_view("2026-11-24").size();
      const bool has_zone = text.ends_with('Z') || text.ends_with('z') || text.find_first_of("+-", date_alone) != text.npos;
      if (!has_zone) return {"timezone_aware", "Input should have timezone info"};
      break;
    }
    case Field::Type::object:
      if (!value.is_object()) return {"dict_type", "Input should be a valid dictionary"};
      break;
    case Field::Type::array:
      if (!value.is_array()) return {"list_type", "Input should be a valid list"};
      break;
    case Field::Type::any:
      break;
  }
  return {};
}

Refusal bad_query(std::string_view name, std::string type, std::string message, const std::string& input) {
  return {422, Array{problem(std::move(type), {Value("query"), Value(std::string(name))}, std::move(message), input)}};
}

// All of it, or nothing.
template <class Number>
std::optional<Number> parsed(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

constexpr const char* no_integer = "Input should be a valid integer, unable to parse string as an integer";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// In the time of text times pattern, whatever the pattern: what did not fit is tried again from the last "%" only.
bool is_like(std::string_view text, std::string_view pattern) {
  std::size_t t = 0, p = 0, after_any = pattern.npos, tried_from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      after_any = ++p;
      tried_from = t;
    } else if (p < pattern.size() && (pattern[p] == '_' || lower(pattern[p]) == lower(text[t]))) {
      ++p, ++t;
    } else if (after_any != pattern.npos) {
      p = after_any;
      t = ++tried_from;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('%', p) == pattern.npos;
}

std::vector<std::string_view> segments(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = path.find('/', 1);
    parts.push_back(path.substr(1, slash == std::string_view::npos ? path.npos : slash - 1));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
  }
  return parts;
}

}  // namespace

std::optional<Role> parse_role(std::string_view word) {
  const auto* found = std::ranges::find(user_roles, word);
  if (found == user_roles.end()) return std::nullopt;
  return static_cast<Role>(found - user_roles.begin());
}

Value problem(std::string type, Array loc, std::string message, Value input) {
  return Object{{"type", std::move(type)}, {"loc", std::move(loc)}, {"msg", std::move(message)}, {"input", std::move(input)}};
}

Refusal unique_violation(std::string message) {
  return {409, Object{{"reason", "Unique constraint violation"},
                      {"statement", "hidden"},
                      {"orig_error", "hidden"},
                      {"message", std::move(message)}}};
}

std::string trouble_with_note(const Value& note) {
  constexpr std::size_t longest = 1000;
  if (!note.is_string() || count_characters(note.as_string()) <= longest) return {};
  return fmt::format("String should have at most {} characters", longest);
}

// ---- what came in --------------------------------------------------------------------------------------------------------

std::vector<std::string> like_patterns(std::string_view patterns) {
  if (patterns == "~") return {"%"};
  std::vector<std::string> all;
  while (true) {
    const std::size_t bar = patterns.find('|');
    std::string_view one = patterns.substr(0, bar);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    all.push_back(fmt::format("%{}%", one));
    if (bar == std::string_view::npos) return all;
    patterns.remove_prefix(bar + 1);
  }
}

bool fits_pattern(std::string_view text, std::string_view patterns) {
  return std::ranges::any_of(like_patterns(patterns), [&](const std::string& pattern) { return is_like(text, pattern); });
}

std::optional<std::string> Call::text(std::string_view name) const {
  const auto found = query.find(name);
  return found == query.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> Call::texts(std::string_view name) const {
  std::vector<std::string> all;
  for (auto [i, end] = query.equal_range(name); i != end; ++i) all.push_back(i->second);
  return all;
}

std::int64_t Call::integer(std::string_view name, std::int64_t otherwise) const {
  const auto given = text(name);
  if (!given) return otherwise;
  const auto value = parsed<std::int64_t>(*given);
  if (!value) throw bad_query(name, "int_parsing", no_integer, *given);
  return *value;
}

std::int64_t Call::path_integer(std::string_view name) const {
  const auto value = parsed<std::int64_t>(at(name));
  if (!value)
    throw Refusal{422, Array{problem("int_parsing", {Value("path"), Value(std::string(name))}, no_integer, at(name))}};
  return *value;
}

double Call::number(std::string_view name, double otherwise) const {
  const auto given = text(name);
  if (!given) return otherwise;
  const auto value = parsed<double>(*given);
  if (!value || !std::isfinite(*value))
    throw bad_query(name, "float_parsing", "Input should be a valid number, unable to parse string as a number", *given);
  return *value;
}

bool Call::boolean(std::string_view name, bool otherwise) const {
  const auto given = text(name);
  if (!given) return otherwise;
  std::string word = *given;
  std::ranges::transform(word, word.begin(), lower);
  if (word == "true" || word == "1" || word == "yes" || word == "on" || word == "t" || word == "y") return true;
  if (word == "false" || word == "0" || word == "no" || word == "off" || word == "f" || word == "n") return false;
  throw bad_query(name, "bool_parsing", "Input should be a valid boolean, unable to interpret input", *given);
}

std::optional<Time> Call::date(std::string_view name) const {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto time = parse_time(*given);
  if (!time) throw bad_query(name, "datetime_parsing", "Input should be a valid datetime", *given);
  return time;
}

std::optional<Time> Call::body_date(std::string_view name) const {
  const Value* given = body.get(name);
  return given == nullptr || given->is_null() ? std::nullopt : parse_time(given->as_string());
}

bool Call::add_note(Object& command) const {
  const Value* note = body.is_object() ? body.as_object().find("note") : nullptr;
  if (note == nullptr || !takes("note")) return false;
  if (std::string trouble = trouble_with_note(*note); !trouble.empty())
    throw Refusal{422, Array{problem("string_too_long", {Value("body"), Value("note")}, std::move(trouble), *note)}};
  command.set("note", *note);
  return true;
}

bool Call::takes(std::string_view member) const {
  const auto mask = texts("update_mask");
  return mask.empty() || std::ranges::find(mask, member) != mask.end();
}

Call::Page Call::page() const {
  const std::int64_t limit = integer("limit", default_page), offset = integer("offset", 0);
  if (limit < 0) throw bad_query("limit", "greater_than_equal", "Input should be greater than or equal to 0", *text("limit"));
  if (offset < 0)
    throw bad_query("offset", "greater_than_equal", "Input should be greater than or equal to 0", *text("offset"));
  const auto most = static_cast<std::size_t>(api->config().integer("api.maximum_page_limit"));
  return {static_cast<std::size_t>(offset), std::min(static_cast<std::size_t>(limit), most)};
}

void check_query(const Endpoint& endpoint, const Call& call) {
  for (const Field& field : endpoint.query) {
    if (field.is_required && !call.query.contains(field.name))
      throw Refusal{422, Array{problem("missing", {Value("query"), Value(std::string(field.name))}, "Field required")}};
  }
  // Airflow ignores what it does not know; a filter that it does know and that is not served must not be ignored.
  for (const auto& [name, value] : call.query) {
    if (std::ranges::find(endpoint.query, name, &Field::name) == endpoint.query.end())
      throw Refusal{400, fmt::format("`{}` is not served as a query parameter of {}; /openapi.json lists those that are", name,
                                     endpoint.path)};
  }
}

void check_members(std::span<const Field> fields, const Value& object, const Array& loc, Array& problems) {
  const auto at = [&](std::string_view name) {
    Array place = loc;
    place.emplace_back(std::string(name));
    return place;
  };
  for (const Field& field : fields) {
    const Value* member = object.as_object().find(field.name);
    if (member == nullptr) {
      if (field.is_required) problems.push_back(problem("missing", at(field.name), "Field required", object));
      continue;
    }
    auto [type, message] = trouble(field, *member);
    if (!type.empty()) problems.push_back(problem(std::move(type), at(field.name), std::move(message), *member));
  }
  for (const auto& [name, value] : object.as_object()) {
    if (std::ranges::find(fields, name, &Field::name) == fields.end())
      problems.push_back(problem("extra_forbidden", at(name), "Extra inputs are not permitted", value));
  }
}

Value check_body(const Endpoint& endpoint, std::string_view text) {
  if (endpoint.body.empty()) return {};
  if (text.empty() && std::ranges::none_of(endpoint.body, &Field::is_required)) return Object{};
  if (!is_utf8(text)) throw Refusal{400, "There was an error parsing the body"};
  auto body = parse_json(text);
  if (!body)
    throw Refusal{
        422, Array{problem("json_invalid", {Value("body"), Value(0)}, "JSON decode error: " + body.error().what, Object{})}};
  if (!body->is_object())
    throw Refusal{422, Array{problem("model_attributes_type", {Value("body")},
                                     "Input should be a valid dictionary or object to extract fields from", *body)}};
  Array problems;
  check_members(endpoint.body, *body, {Value("body")}, problems);
  if (!problems.empty()) throw Refusal{422, std::move(problems)};
  for (const Field& field : endpoint.body) {
    const Value value = field.is_served ? Value() : body->get_value(field.name);
    const bool asks_nothing = value.is_null() || (value.is_bool() && !value.as_bool());
    if (!asks_nothing) throw Refusal{400, fmt::format("`{}` is not served yet: leave it out", field.name)};
  }
  return std::move(*body);
}

// ---- routes --------------------------------------------------------------------------------------------------------------

namespace {

struct Route {
  const Endpoint* endpoint;
  std::vector<std::string_view> segments;
  std::size_t fixed;  // of them
};

// By the number of their segments.
const std::vector<std::vector<Route>>& routes() {
  static const std::vector<std::vector<Route>> all = [] {
    std::vector<std::vector<Route>> by_size;
    for (const Endpoint& endpoint : endpoints()) {
      Route route{&endpoint, segments(endpoint.path), 0};
      route.fixed = static_cast<std::size_t>(
          std::ranges::count_if(route.segments, [](std::string_view segment) { return !segment.starts_with('{'); }));
      if (by_size.size() <= route.segments.size()) by_size.resize(route.segments.size() + 1);
      by_size[route.segments.size()].push_back(std::move(route));
    }
    return by_size;
  }();
  return all;
}

}  // namespace

Match find_endpoint(std::string_view method, std::string_view path) {
  const auto given = segments(path);
  Match match;
  if (given.size() >= routes().size()) return match;
  const Route* best = nullptr;
  for (const Route& route : routes()[given.size()]) {
    bool fits = true;
    for (std::size_t i = 0; i < given.size() && fits; ++i)
      fits = route.segments[i].starts_with('{') ? !given[i].empty() : route.segments[i] == given[i];
    if (!fits) continue;
    match.path_is_known = true;
    // "/assets/events" goes before "/assets/{asset_id}".
    if (route.endpoint->method == method && (best == nullptr || route.fixed > best->fixed)) best = &route;
  }
  if (best == nullptr) return match;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::string_view name = best->segments[i];
    if (!name.starts_with('{')) continue;
    auto value = percent_decoded(given[i], false);
    if (!value) return {};
    match.path.emplace(name.substr(1, name.size() - 2), std::move(*value));
  }
  match.endpoint = best->endpoint;
  return match;
}

// ---- answers -------------------------------------------------------------------------------------------------------------

net::HttpServerResponse json(const Value& body, unsigned status) {
  return {status, to_json(body)};
}
net::HttpServerResponse no_content() {
  return {204, {}, {}};
}
net::HttpServerResponse page_of(std::string_view name, Array rows, std::size_t total) {
  Object body;
  body.set(name, std::move(rows));
  body.set("total_entries", static_cast<std::int64_t>(total));
  return json(body);
}
Value date_or_null(const std::optional<Time>& time) {
  return time ? Value(format_time(*time)) : Value();
}
Value text_or_null(const std::string& text) {
  return text.empty() ? Value() : Value(text);
}

// ---- the document --------------------------------------------------------------------------------------------------------

namespace {

Value schema_of(const Field& field) {
  Object schema;
  const std::string_view type = type_name(field.type);
  if (!type.empty())
    schema.set("type", field.is_nullable ? Value(Array{Value(std::string(type)), Value("null")}) : Value(std::string(type)));
  if (field.type == Field::Type::date) schema.set("format", "date-time");
  return schema;
}

Value operation_of(const Endpoint& endpoint) {
  Array parameters;
  for (const std::string_view segment : segments(endpoint.path)) {
    if (!segment.starts_with('{')) continue;
    parameters.emplace_back(Object{{"name", std::string(segment.substr(1, segment.size() - 2))},
                                   {"in", "path"},
                                   {"required", true},
                                   {"schema", Object{{"type", "string"}}}});
  }
  for (const Field& field : endpoint.query) {
    parameters.emplace_back(Object{
        {"name", std::string(field.name)}, {"in", "query"}, {"required", field.is_required}, {"schema", schema_of(field)}});
  }
  Object operation{{"operationId", std::string(endpoint.operation_id)}, {"parameters", std::move(parameters)}};
  if (!endpoint.body.empty()) {
    Object properties;
    Array required;
    for (const Field& field : endpoint.body) {
      if (!field.is_served) continue;
      properties.set(field.name, schema_of(field));
      if (field.is_required) required.emplace_back(std::string(field.name));
    }
    operation.set(
        "requestBody",
        Object{{"required", true},
               {"content", Object{{"application/json", Object{{"schema", Object{{"type", "object"},
                                                                                {"additionalProperties", false},
                                                                                {"required", std::move(required)},
                                                                                {"properties", std::move(properties)}}}}}}}});
  }
  if (endpoint.permission.needs_token()) operation.set("security", Array{Value(Object{{"HTTPBearer", Array{}}})});
  operation.set("responses", Object{{"200", Object{{"description", "Successful Response"}}}});
  return operation;
}

}  // namespace

Value openapi_document() {
  Object paths;
  for (const Endpoint& endpoint : endpoints()) {
    std::string method(endpoint.method);
    std::ranges::transform(method, method.begin(), lower);
    if (!paths.contains(endpoint.path)) paths.set(endpoint.path, Object{});
    Value* path = paths.find(endpoint.path);
    path->as_object().set(method, operation_of(endpoint));
  }
  return Object{
      {"openapi", "3.1.0"},
      {"info", Object{{"title", "Venturi: Airflow's REST API"}, {"version", VENTURI_VERSION}}},
      {"paths", std::move(paths)},
      {"components", Object{{"securitySchemes", Object{{"HTTPBearer", Object{{"type", "http"}, {"scheme", "bearer"}}}}}}}};
}

}  // namespace venturi::api
