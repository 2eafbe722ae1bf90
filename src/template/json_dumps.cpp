#include "template/json_dumps.h"

#include <algorithm>
#include <cmath>

#include "template/compare.h"
#include "template/dict.h"
#include "template/integer.h"
#include "template/operators.h"
#include "template/sorting.h"
#include "template/utf8.h"

namespace venturi::templates {
namespace {

class JsonWriter {
 public:
  JsonWriter(Runtime& runtime, const JsonOptions& options) : runtime_(runtime), options_(options) {}

  std::string run(const Item& item) {
    value(item, 0);
    runtime_.budget.make_text(out_.size());
    return std::move(out_);
  }

 private:
  void newline(std::size_t level) {
    if (!options_.indent) return;
    out_ += '\n';
    for (std::size_t i = 0; i < level; ++i) out_ += *options_.indent;
  }

  void text(std::string_view s) {
    out_ += '"';
    while (!s.empty()) {
      const char32_t c = utf8::take(s);
      constexpr std::string_view named = "\"\\\n\r\t\f\b", names = "\"\\nrtfb";
      const std::size_t at = c < 0x80 ? named.find(static_cast<char>(c)) : std::string_view::npos;
      if (at != std::string_view::npos) {
        out_ += '\\';
        out_ += names[at];
      } else if (c < 0x20 || (c >= 0x7F && options_.ensure_ascii)) {
        if (c >= 0x10000) {
          escape(0xD800 + ((c - 0x10000) >> 10));
          escape(0xDC00 + ((c - 0x10000) & 0x3FF));
        } else {
          escape(c);
        }
      } else {
        utf8::append(out_, c);
      }
    }
    out_ += '"';
  }

  void escape(char32_t c) {
    char buffer[8];
    std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(c));
    out_ += buffer;
  }

  static std::string real(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
    return real_repr(value);
  }

  static std::string key(const Item& item) {
    if (item.is_text()) return item.as_string();
    if (item.is_none()) return "null";
    if (item.is(Type::boolean)) return item.as_bool() ? "true" : "false";
    if (item.is(Type::integer) || item.is(Type::big)) return integer_text(item);
    if (item.is(Type::real)) return real(item.as_real());
    fail(ErrorKind::type, "keys must be str, int, float, bool or None, not " + type_name(item));
  }

  void list(const Items& items, std::size_t level) {
    if (items.empty()) {
      out_ += "[]";
      return;
    }
    out_ += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out_ += options_.item_separator;
      newline(level + 1);
      value(items[i], level + 1);
    }
    newline(level);
    out_ += ']';
  }

  void dict(const Dict& entries, std::size_t level) {
    if (entries.size() == 0) {
      out_ += "{}";
      return;
    }
    Items keys, values;
    for (const Dict::Entry& entry : entries) {
      keys.push_back(entry.key);
      values.push_back(Item::tuple({entry.key, entry.value}));
    }
    if (options_.sort_keys) values = sort_by(runtime_, std::move(values), keys, false);
    out_ += '{';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out_ += options_.item_separator;
      newline(level + 1);
      text(key(values[i].sequence()[0]));
      out_ += options_.key_separator;
      value(values[i].sequence()[1], level + 1);
    }
    newline(level);
    out_ += '}';
  }

  void value(const Item& item, std::size_t level) {
    const Walk::Level deeper(walk_);
    runtime_.budget.step();
    runtime_.budget.check_text(out_.size());
    switch (item.type()) {
      case Type::undefined:
        fail(ErrorKind::type, "Object of type Undefined is not JSON serializable: " + item.as_undefined().message);
      case Type::none:
        out_ += "null";
        break;
      case Type::boolean:
        out_ += item.as_bool() ? "true" : "false";
        break;
      case Type::integer:
      case Type::big:
        out_ += integer_text(item);
        break;
      case Type::real:
        out_ += real(item.as_real());
        break;
      case Type::text:
        text(item.as_string());
        break;
      case Type::list:
      case Type::tuple:
        list(item.sequence(), level);
        break;
      case Type::dict:
        dict(item.as_dict(), level);
        break;
      case Type::host:
        if (const auto plain = item.as_host()->plain()) {
          value(*plain, level);
          break;
        }
        [[fallthrough]];
      default:
        fail(ErrorKind::type, "Object of type " + type_name(item) + " is not JSON serializable");
    }
  }

  Runtime& runtime_;
  const JsonOptions& options_;
  Walk walk_;
  std::string out_;
};

}  // namespace

std::string json_dumps(Runtime& runtime, const Item& item, const JsonOptions& options) {
  return JsonWriter(runtime, options).run(item);
}

void set_indent(JsonOptions& options, const Item& indent) {
  if (indent.is_none()) return;
  if (indent.is_text()) {
    options.indent = indent.as_string();
  } else if (indent.is_integer()) {
    options.indent = std::string(static_cast<std::size_t>(std::clamp<std::int64_t>(indent.as_integer(), 0, 1000)), ' ');
  } else {
    fail(ErrorKind::type, "indent must be int or str, not " + type_name(indent));
  }
  options.item_separator = ",";
}

}  // namespace venturi::templates
