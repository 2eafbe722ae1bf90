// var and conn: names that are looked up outside.
#include <functional>

#include "template/airflow_objects.h"
#include "template/dict.h"
#include "template/json_dumps.h"
#include "template/operators.h"
#include "template/text_shape.h"
#include "template/url.h"

namespace venturi::templates {
namespace {

class ConnectionObject final : public HostObject {
 public:
  explicit ConnectionObject(Value fields) : fields_(std::move(fields)) {}
  [[nodiscard]] std::string type_name() const override { return "Connection"; }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override {
    for (const std::string_view field :
         {"conn_id", "conn_type", "description", "host", "schema", "login", "password", "port", "extra"}) {
      if (name == field) return from_value(fields_.get_value(field));
    }
    if (name == "extra_dejson") return extra();
    if (name == "get_uri") {
      return make_function("get_uri", [uri = uri()](Call& call) -> Item {
        const Args args(call, {}, 0);
        return uri;
      });
    }
    return std::nullopt;
  }
  // Not the password, which Airflow shows here.
  [[nodiscard]] std::string repr(Walk&) override { return "<Connection " + string_repr(fields_.get_string("conn_id")) + ">"; }

 private:
  [[nodiscard]] Item extra() const {
    const std::string text = fields_.get_string("extra");
    if (text.empty()) return std::make_shared<Dict>();
    try {
      return json_loads(text);
    } catch (const TemplateError&) {  // as in Airflow, where it is logged
      return std::make_shared<Dict>();
    }
  }

  [[nodiscard]] std::string uri() const {
    const auto field = [&](const char* name) { return fields_.get_string(name); };
    std::string uri = lower_case(field("conn_type"));
    for (char& c : uri) c = c == '_' ? '-' : c;
    uri += uri.empty() ? "//" : "://";
    std::string host = field("host");
    if (const std::size_t scheme = host.find("://");
        scheme != std::string::npos && host.substr(0, scheme) != field("conn_type")) {
      uri += host.substr(0, scheme) + "://";
      host = host.substr(scheme + 3);
    }
    const bool has_login = fields_.get("login") != nullptr, has_password = fields_.get("password") != nullptr;
    if (has_login) uri += url_quote(field("login"), "", false);
    if (has_password) uri += ":" + url_quote(field("password"), "", false);
    if (has_login || has_password) uri += "@";
    uri += url_quote(host, "", false);
    if (const std::int64_t port = fields_.get_int("port"); port != 0) {
      uri += (host.empty() && !has_login && !has_password ? "@:" : ":") + std::to_string(port);
    }
    const std::string schema = field("schema");
    if (!schema.empty()) uri += "/" + url_quote(schema, "", false);
    if (const std::string query = extra_query(); !query.empty()) uri += (schema.empty() ? "/?" : "?") + query;
    return uri;
  }

  // As key=value where all values are texts, else the whole under one name.
  [[nodiscard]] std::string extra_query() const {
    if (field_is_empty()) return {};
    const Item parsed = extra();
    std::string query;
    bool plain_texts = parsed.is(Type::dict) && parsed.as_dict().size() > 0;
    if (plain_texts) {
      for (const Dict::Entry& entry : parsed.as_dict()) {
        plain_texts &= entry.value.is_text();
        if (!plain_texts) break;
        query += (query.empty() ? "" : "&") + url_quote(templates::str(entry.key), "", true) + "=" +
                 url_quote(templates::str(entry.value), "", true);
      }
    }
    return plain_texts ? query : "__extra__=" + url_quote(fields_.get_string("extra"), "", true);
  }
  [[nodiscard]] bool field_is_empty() const { return fields_.get_string("extra").empty(); }

  const Value fields_;
};

// `x.name` and `x.get('name', default)`: both look something up by its name.
class AccessorObject final : public HostObject {
 public:
  using Find = std::function<std::optional<Item>(std::string_view)>;  // nullopt: absent
  AccessorObject(std::string type, Find find, std::function<TemplateError(std::string_view)> absent)
      : type_(std::move(type)), find_(std::move(find)), absent_(std::move(absent)) {}
  [[nodiscard]] std::string type_name() const override { return type_; }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override {
    if (name == "get") {
      return make_function("get", [find = find_](Call& call) -> Item {
        const Args args(call, {"key", "default"}, 1);
        const auto found = find(args.text(0));
        return found ? *found : args[1];
      });
    }
    if (auto found = find_(name)) return found;
    throw absent_(name);
  }
  [[nodiscard]] std::string repr(Walk&) override { return "<" + type_ + " (dynamic access)>"; }

 private:
  const std::string type_;
  const Find find_;
  const std::function<TemplateError(std::string_view)> absent_;
};

Item make_variable_accessor(const Lookups& lookups, bool json) {
  return std::make_shared<AccessorObject>(
      "VariableAccessor",
      [&lookups, json](std::string_view key) -> std::optional<Item> {
        const Lookup found = lookups.variable(key);
        if (found.state == Lookup::State::not_yet) throw NotYet{variable_request(key)};
        if (found.state == Lookup::State::absent) return std::nullopt;
        return json && found.value.is_string() ? json_loads(found.value.as_string()) : from_value(found.value);
      },
      [](std::string_view key) {
        return TemplateError(ErrorKind::airflow_runtime, "VARIABLE_NOT_FOUND: there is no variable " + string_repr(key) +
                                                             "; add it, or use var.value.get(" + string_repr(key) +
                                                             ", default)");
      });
}

}  // namespace

Item make_variables(const Lookups& lookups) {
  auto variables = std::make_shared<Dict>();
  variables->set("json", make_variable_accessor(lookups, true));
  variables->set("value", make_variable_accessor(lookups, false));
  return variables;
}

Item make_connections(const Lookups& lookups) {
  return std::make_shared<AccessorObject>(
      "ConnectionAccessor",
      [&lookups](std::string_view conn_id) -> std::optional<Item> {
        const Lookup found = lookups.connection(conn_id);
        if (found.state == Lookup::State::not_yet) throw NotYet{connection_request(conn_id)};
        if (found.state == Lookup::State::absent) return std::nullopt;
        return std::make_shared<ConnectionObject>(found.value);
      },
      [](std::string_view conn_id) {
        return TemplateError(ErrorKind::airflow_not_found, "The conn_id `" + std::string(conn_id) + "` isn't defined");
      });
}

}  // namespace venturi::templates
