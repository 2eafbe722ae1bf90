#include "worker/answer_secrets.h"

#include <algorithm>
#include <cctype>

namespace venturi::worker {
namespace {

void collect(const Value& value, std::vector<std::string>& out) {
  if (value.is_string()) {
    out.push_back(value.as_string());
  } else if (value.is_array()) {
    for (const Value& element : value.as_array()) collect(element, out);
  } else if (value.is_object()) {
    for (const auto& [key, member] : value.as_object()) collect(member, out);
  }
}

// Reads the string that begins at text[at] == '"'; moves `at` behind it. Escapes other than \uXXXX are resolved; those stay as
// they are: the masker knows the escaped form too.
std::string read_string(std::string_view text, std::size_t& at) {
  std::string out;
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      out += text[at];
      continue;
    }
    switch (const char c = text[++at]) {
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 'r':
        out += '\r';
        break;
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'u':
        out += "\\u";
        break;
      default:
        out += c;
    }
  }
  ++at;
  return out;
}

// The values of sensitive names in JSON text, by its strings alone: a string before ':' is a name, one behind it its value.
// (A parser of the whole of JSON would be half of this program.)
void collect_sensitive_members(std::string_view json, std::vector<std::string>& out) {
  std::string name;
  bool is_value = false;
  for (std::size_t at = 0; at < json.size();) {
    const char c = json[at];
    if (c == '"') {
      std::string text = read_string(json, at);
      if (is_value && is_sensitive_name(name))
        out.push_back(std::move(text));
      else if (!is_value)
        name = std::move(text);
      is_value = false;
      continue;
    }
    if (c == ':') is_value = true;
    if (c == ',' || c == '{' || c == '}') is_value = false;
    ++at;
  }
}

}  // namespace

bool is_sensitive_name(std::string_view name) {
  static constexpr std::string_view sensitive[] = {"access_token", "api_key",  "apikey",       "authorization",  "passphrase",
                                                   "passwd",       "password", "private_key",  "proxy",          "proxies",
                                                   "secret",       "token",    "keyfile_dict", "service_account"};
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(std::begin(sensitive), std::end(sensitive),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

std::vector<std::string> secrets_of_answer(const Value& body) {
  std::vector<std::string> secrets;
  const std::string type = body.get_string("type");
  if (type == "ConnectionResult") {
    if (std::string password = body.get_string("password"); !password.empty()) secrets.push_back(std::move(password));
    if (std::string extra = body.get_string("extra"); !extra.empty() && extra != "{}") {
      collect_sensitive_members(extra, secrets);
      secrets.push_back(std::move(extra));
    }
  } else if (type == "VariableResult" && is_sensitive_name(body.get_string("key"))) {
    secrets.push_back(body.get_string("value"));
  }
  std::erase(secrets, std::string());
  return secrets;
}

Value masked(const Masker& masker, const Value& value) {
  if (value.is_string()) return masker.mask(value.as_string());
  if (value.is_array()) {
    Array items;
    for (const Value& item : value.as_array()) items.push_back(masked(masker, item));
    return items;
  }
  if (!value.is_object()) return value;
  Object members;
  for (const auto& [key, member] : value.as_object()) members.add(key, masked(masker, member));
  return members;
}

std::vector<std::string> strings_in(const Value& value) {
  std::vector<std::string> out;
  collect(value, out);
  return out;
}

}  // namespace venturi::worker
