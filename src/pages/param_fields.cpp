#include "pages/param_fields.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/json.h"

namespace venturi::pages {
namespace {

// The first of its types that is none of null's.
std::string type_of(const Param& param) {
  const Value type = param.schema.get_value("type");
  if (type.is_string()) return type.as_string();
  if (type.is_array()) {
    for (const Value& one : type.as_array()) {
      if (one.is_string() && one.as_string() != "null") return one.as_string();
    }
  }
  if (!type.is_null() || !param.value) return "";
  const std::string of_default = param.value->type_name();
  return of_default == "null" ? "" : of_default;
}

bool may_be_null(const Param& param) {
  const Value type = param.schema.get_value("type");
  return type.is_array() &&
         std::ranges::any_of(type.as_array(), [](const Value& one) { return one.is_string() && one.as_string() == "null"; });
}

std::string text_of(const Value& value) {
  return value.is_null()     ? std::string()
         : value.is_string() ? value.as_string()
                             : to_json(value, value.is_array() || value.is_object() ? 2 : 0);
}

const Array* choices_of(const Param& param) {
  const Value* choices = param.schema.get("enum");
  return choices != nullptr && choices->is_array() ? &choices->as_array() : nullptr;
}

Result<Value> number_of(const std::string& text, bool is_integer) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    return fail(ErrorKind::invalid, "\"" + text + "\" is no number");
  std::int64_t whole = 0;
  const auto [whole_end, whole_error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (whole_error == std::errc() && whole_end == text.data() + text.size()) return Value(whole);
  if (is_integer) return fail(ErrorKind::invalid, "\"" + text + "\" is no whole number");
  return Value(number);
}

Html attributes(std::string_view type) {
  Html out;
  if (type != "integer" && type != "number") return out;
  out.add(" inputmode=\"decimal\"");
  return out;
}

std::string limits_of(const Param& param) {
  std::string text;
  for (const auto& [key, words] :
       {std::pair("minimum", "at least"), std::pair("maximum", "at most"), std::pair("exclusiveMinimum", "more than"),
        std::pair("exclusiveMaximum", "less than"), std::pair("minLength", "letters, at least"),
        std::pair("maxLength", "letters, at most"), std::pair("pattern", "like"), std::pair("format", "a")}) {
    if (const Value* limit = param.schema.get(key))
      text += (text.empty() ? "" : ", ") + std::string(words) + " " + text_of(*limit);
  }
  return text;
}

}  // namespace

Html param_field(const Param& param, const Fields* form, const std::string& problem) {
  const std::string field = "p-" + param.name, type = type_of(param);
  const std::string title = param.schema.get_string("title", param.name);
  const std::string value = form != nullptr ? form->text(field) : param.value ? text_of(*param.value) : "";
  const Html marks =
      html(" id=\"{0}\" name=\"{0}\" aria-invalid=\"{1}\" aria-describedby=\"{0}-hint {0}-error\"", field, !problem.empty());
  const Html star = param.value ? Html() : html(" <span class=\"soft\">(needed)</span>");
  Html out;
  if (type == "boolean") {
    const bool is_on = form != nullptr ? form->has(field) : param.value && param.value->is_bool() && param.value->as_bool();
    out.add("<label class=\"check\"><input type=\"checkbox\" value=\"on\"{}{}> {}</label>", marks,
            Html::trusted(is_on ? " checked" : ""), title);
  } else {
    out.add("<label for=\"{}\">{}{}</label>", field, title, star);
    if (const Array* choices = choices_of(param)) {
      out.add("<select{}>", marks);
      for (const Value& choice : *choices) {
        const std::string json = to_json(choice);
        const bool is_chosen = form != nullptr ? value == json : param.value && *param.value == choice;
        out.add("<option value=\"{}\"{}>{}</option>", json, Html::trusted(is_chosen ? " selected" : ""), text_of(choice));
      }
      out.add("</select>");
    } else if (type == "array" || type == "object" || param.schema.get_string("format") == "multiline") {
      out.add("<textarea rows=\"{}\"{}>{}</textarea>", std::clamp<std::ptrdiff_t>(std::ranges::count(value, '\n') + 1, 3, 12),
              marks, value);
    } else {
      out.add("<input{}{} value=\"{}\" autocomplete=\"off\">", marks, attributes(type), value);
    }
  }
  std::string hint = param.description.empty() ? param.schema.get_string("description") : param.description;
  if (const std::string limits = limits_of(param); !limits.empty()) hint += (hint.empty() ? "" : "; ") + limits;
  if (type == "array") hint += (hint.empty() ? "" : "; ") + std::string("a JSON array, or a line for each text");
  if (type == "object") hint += (hint.empty() ? "" : "; ") + std::string("a JSON object");
  if (!hint.empty()) out.add("<p class=\"hint\" id=\"{}-hint\">{}</p>", field, hint);
  if (!problem.empty()) out.add("<p class=\"field-error\" id=\"{}-error\">{}</p>", field, problem);
  return out;
}

Result<Value> param_value(const Param& param, const Fields& form) {
  const std::string field = "p-" + param.name, type = type_of(param);
  const std::string text = form.lines(field);
  if (type == "boolean") return Value(form.has(field));
  if (choices_of(param) != nullptr) {
    auto chosen = parse_json(text);
    return chosen ? std::move(chosen) : fail(ErrorKind::invalid, "choose one");
  }
  if (text.empty() && may_be_null(param)) return Value();
  if (type == "integer" || type == "number") {
    if (text.empty()) return fail(ErrorKind::invalid, "a number is needed here");
    return number_of(text, type == "integer");
  }
  if (type == "array" && !text.starts_with('[')) {
    Array lines;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      if (end > at) lines.emplace_back(text.substr(at, end - at));
      at = end + 1;
    }
    return Value(std::move(lines));
  }
  if (type == "array" || type == "object") {
    auto value = parse_json(text);
    return value ? std::move(value) : fail(ErrorKind::invalid, "this is no JSON: " + value.error().what);
  }
  if (type == "string") return Value(text);
  // No type was said: what reads as JSON is that.
  if (text.empty()) return Value();
  auto value = parse_json(text);
  return value ? std::move(*value) : Value(text);
}

}  // namespace venturi::pages
