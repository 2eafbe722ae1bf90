#include "sdk/test_hooks.h"

#include <algorithm>
#include <fstream>
#include <span>

namespace venturi::inline sdk {
namespace internal {

Answer failed_call(const std::string& message, Object detail) {
  detail.set("message", message);
  return {{}, Object{{"type", "ErrorResponse"}, {"error", "HOST_CALL_FAILED"}, {"detail", std::move(detail)}}};
}

namespace {

Answer of(const test::HookAnswer& made_up) {
  if (!made_up.error.empty()) return failed_call(made_up.error, made_up.detail);
  return {made_up.body, {}};
}

Value done(std::int64_t affected) {
  return Object{{"has_rows", false},    {"columns", Array{}}, {"types", Array{}},
                {"affected", affected}, {"rows", Array{}},    {"more", 0}};
}

// As the operator host says it.
Answer checked(const Value& response, const test::HookCall& call) {
  const std::int64_t status = response.get_int("status");
  const Value* options = call.arguments.get("extra_options");
  if (status < 400 || (options != nullptr && !options->get_bool("check_response", true))) return {response, {}};
  const std::string text = response.get_string("text");
  return failed_call(
      std::to_string(status) + ":" + response.get_string("reason") + " (" + call.what + ")" + (text.empty() ? "" : "\n" + text),
      {{"status", status}, {"body", text}});
}

}  // namespace

const test::HookAnswer* MadeUpHooks::find(const test::HookCall& call) {
  for (const test::HookAnswer& made_up : answers_) {
    if (made_up.hook != kind_of_answer(call.hook) || call.what.find(made_up.match) == std::string::npos) continue;
    int& used = used_[&made_up];
    if (made_up.times != 0 && used >= made_up.times) continue;
    ++used;
    return &made_up;
  }
  return nullptr;
}

Answer MadeUpHooks::answer(const Value& message) {
  const std::string hook = message.get_string("hook");
  const Value arguments = message.get_value("arguments");
  calls_.push_back({hook, message.get_string("method"), message.get_string("conn_id"),
                    what_of_call(hook, message.get_string("method"), arguments), arguments});
  const test::HookCall call = calls_.back();
  if (hook == "postgres" || hook == "redshift_sql") return postgres(call);
  if (hook == "s3" || hook == "gcs") return objects(call);
  if (hook == "bigquery" || hook.starts_with("redshift")) return warehouse(call);
  if (hook == "http") return http(call);
  if (hook == "render") {
    calls_.pop_back();  // no call of the author's
    return render(call);
  }
  const test::HookAnswer* made_up = find(call);
  return made_up == nullptr ? Answer{} : of(*made_up);
}

Answer MadeUpHooks::postgres(const test::HookCall& call) {
  const auto number_as = [this](const char* name) { return Answer{Object{{name, ++last_number_}}, {}}; };
  if (call.method == "put") {
    const std::string data = call.arguments.get_string("data");
    copied_lines_ += std::count(data.begin(), data.end(), '\n');
    return {};
  }
  if (call.method == "end") return {Object{{"affected", std::exchange(copied_lines_, 0)}}, {}};
  if (call.method == "commit" || call.method == "rollback") return {};
  if (call.method == "begin") return number_as("transaction");
  if (const test::HookAnswer* made_up = find(call)) {
    if (call.method == "copy_in" && made_up->error.empty()) return number_as("copy");
    return of(*made_up);
  }
  if (call.method == "copy_in") return number_as("copy");
  if (call.arguments.get_string("fetch") == "none") return {done(0), {}};
  return failed_call("no answer is made up for the SQL \"" + call.what + "\": add test::sql(\"...\", rows) to World::hooks");
}

Answer MadeUpHooks::next_page() {
  Value page = std::move(pages_.back());
  pages_.pop_back();
  page.as_object().set("left", pages_.size());
  page.as_object().set("pages", 1);
  return {std::move(page), {}};
}

Answer MadeUpHooks::http(const test::HookCall& call) {
  if (call.method == "page") return next_page();
  if (call.method == "pages") {
    for (const test::HookAnswer& made_up : answers_) {
      if (made_up.hook == "http" && call.what.find(made_up.match) != std::string::npos)
        pages_.insert(pages_.begin(), made_up.body);
    }
    if (!pages_.empty()) return next_page();
  }
  const test::HookAnswer* made_up = call.method == "pages" ? nullptr : find(call);
  if (made_up == nullptr)
    return failed_call("no answer is made up for " + call.what + ": add test::response(\"" + call.what +
                       "\", 200, ...) to World::hooks");
  if (!made_up->error.empty()) return of(*made_up);
  if (call.method != "download") return checked(made_up->body, call);
  const std::string path = call.arguments.get_string("path");
  std::ofstream(path, std::ios::binary) << made_up->body.get_string("text");
  return {Object{{"path", path}}, {}};
}

bool MadeUpHooks::render(const Value& from, const Array& template_ext, Value& to, std::string& missing) const {
  to = from;
  const auto is_a_template = [&template_ext](const std::string& text) {
    return text.find('{') != std::string::npos ||
           std::ranges::any_of(template_ext, [&text](const Value& extension) { return text.ends_with(extension.as_string()); });
  };
  if (from.is_array()) {
    for (std::size_t i = 0; i < from.as_array().size(); ++i) {
      if (!render(from.as_array()[i], template_ext, to.as_array()[i], missing)) return false;
    }
  } else if (from.is_object()) {
    for (const auto& [key, member] : from.as_object()) {
      Value value;
      if (!render(member, template_ext, value, missing)) return false;
      to.as_object().set(key, std::move(value));
    }
  } else if (from.is_string() && is_a_template(from.as_string())) {
    for (const test::HookAnswer& made_up : answers_) {
      if (made_up.hook != "render" || made_up.match != from.as_string()) continue;
      to = made_up.body;
      return true;
    }
    missing = from.as_string();
    return false;
  }
  return true;
}

Answer MadeUpHooks::render(const test::HookCall& call) {
  Value rendered;
  std::string missing;
  if (render(call.arguments.get_value("value"), call.arguments.at("template_ext").as_array(), rendered, missing))
    return {Object{{"value", std::move(rendered)}}, {}};
  return failed_call("a test has no template engine: add test::rendered(\"" + missing + "\", ...) to World::hooks");
}

}  // namespace internal

namespace test {

HookAnswer affected(std::string_view match, std::int64_t rows) {
  return {.hook = "postgres", .match = std::string(match), .body = internal::done(rows)};
}

HookAnswer failing_sql(std::string_view match, std::string_view error, std::string_view sqlstate) {
  return {.hook = "postgres",
          .match = std::string(match),
          .error = std::string(error),
          .detail = sqlstate.empty() ? Object{} : Object{{"sqlstate", sqlstate}}};
}

HookAnswer response(std::string_view match, int status, std::string_view text, Object headers) {
  return {
      .hook = "http",
      .match = std::string(match),
      .body = Object{
          {"status", status}, {"reason", ""}, {"url", match}, {"headers", std::move(headers)}, {"text", text}, {"more", 0}}};
}

HookAnswer object(std::string_view url, std::string_view content) {
  return {.hook = url.starts_with("gs://") ? "gcs" : "s3", .match = std::string(url), .body = Value(content)};
}

HookAnswer failing_call(std::string_view hook, std::string_view match, std::string_view error, Object detail) {
  return {.hook = std::string(hook), .match = std::string(match), .error = std::string(error), .detail = std::move(detail)};
}

HookAnswer rendered(std::string_view of_template, std::string_view text) {
  return {.hook = "render", .match = std::string(of_template), .body = Value(text)};
}

HookAnswer sql_rows(std::string_view match, const detail::Type& type, const void* first, std::size_t count,
                    std::size_t stride) {
  Array columns, types, rows;
  for (const detail::Field& field : std::span(type.fields, type.field_count)) columns.emplace_back(field.name);
  for (std::size_t i = 0; i < count; ++i) {
    const char* from = static_cast<const char*>(first) + i * stride;
    Array cells;
    for (const detail::Field& field : std::span(type.fields, type.field_count))
      field.type->write(*field.type, from + field.offset, cells.emplace_back());
    if (type.fields == nullptr) {
      Value value;
      type.write(type, from, value);
      if (type.name == "vector")
        cells = std::move(value.as_array());
      else
        cells.push_back(std::move(value));
    }
    rows.emplace_back(std::move(cells));
  }
  if (type.fields == nullptr) {
    const std::size_t width = rows.empty() ? 1 : rows.front().as_array().size();
    for (std::size_t c = 0; c < width; ++c) columns.emplace_back("column" + std::to_string(c + 1));
  }
  for (std::size_t c = 0; c < columns.size(); ++c) types.emplace_back("string");
  return {.hook = "postgres",
          .match = std::string(match),
          .body = Object{{"has_rows", true},
                         {"columns", std::move(columns)},
                         {"types", std::move(types)},
                         {"affected", count},
                         {"rows", std::move(rows)},
                         {"more", 0}}};
}

}  // namespace test
}  // namespace venturi::inline sdk
