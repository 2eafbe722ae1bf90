#include "lanes/cpp/bundle_config.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/edit_distance.h"
#include "lanes/ignore_file.h"

namespace venturi::lanes {

namespace {

using Texts = std::vector<std::string>;
// What is wrong with a text; empty where nothing is.
using TextCheck = std::string (*)(const std::string&);

std::string is_text(const std::string& text) {
  return text.empty() ? "an empty text" : "";
}
std::string is_pattern(const std::string& text) {
  if (text.empty() || text == "!") return "an empty pattern";
  const bool leaves = text.starts_with("/") || text.starts_with("../") || text.find("/../") != std::string::npos;
  return leaves ? "it leads out of the folder: name sources that lie in it, such as \"src/*.cpp\"" : "";
}
std::string is_flag(const std::string& text) {
  if (text.starts_with("-l") && text.size() > 2) return "that is a library: libraries = [\"" + text.substr(2) + "\"]";
  return text.starts_with("-") ? "" : "a flag begins with \"-\"";
}
std::string is_library(const std::string& text) {
  if (text.empty()) return "an empty name";
  if (text.starts_with("-l")) return "name it without -l: \"" + text.substr(2) + "\"";
  const bool is_file = text.find('/') != std::string::npos || text.ends_with(".a") || text.find(".so") != std::string::npos;
  return is_file ? "name a library as behind -l, \"z\" for libz; a file is named in link_flags" : "";
}
std::string is_name(const std::string& text) {
  if (text.empty()) return "an empty name";
  return text.find('/') == std::string::npos ? "" : "a name has no \"/\"";
}

struct Key {
  std::string_view name, allowed;
  // One of these.
  Texts BundleConfig::* list = nullptr;
  TextCheck check = nullptr;  // of its elements, or of the text
  std::string BundleConfig::* text = nullptr;
  int BundleConfig::* number = nullptr;
  bool BundleConfig::* flag = nullptr;
};

constexpr int standards[] = {20, 23, 26};

const Key keys[] = {
    {.name = "name", .allowed = "a text", .check = is_name, .text = &BundleConfig::name},
    {.name = "sources", .allowed = "a list of patterns", .list = &BundleConfig::sources, .check = is_pattern},
    {.name = "include", .allowed = "a list of folders", .list = &BundleConfig::include, .check = is_text},
    {.name = "standard", .allowed = "20, 23 or 26", .number = &BundleConfig::standard},
    {.name = "flags", .allowed = "a list of texts", .list = &BundleConfig::flags, .check = is_flag},
    {.name = "link_flags", .allowed = "a list of texts", .list = &BundleConfig::link_flags, .check = is_text},
    {.name = "libraries", .allowed = "a list of names", .list = &BundleConfig::libraries, .check = is_library},
    {.name = "pkg_config", .allowed = "a list of modules", .list = &BundleConfig::pkg_config, .check = is_library},
    {.name = "static", .allowed = "true or false", .flag = &BundleConfig::is_static},
};

std::string type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "the number " + std::to_string(node.as_integer()->get());
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return node.as_boolean()->get() ? "true" : "false";
    default:
      return "a date or time";
  }
}

class Reader {
 public:
  explicit Reader(const std::string& where) : where_(where) {}

  void read(const toml::table& table) {
    for (const auto& [name, node] : table) {
      const auto key = std::ranges::find(keys, name.str(), &Key::name);
      if (key == std::end(keys)) {
        unknown(name, node);
      } else {
        config_.lines.emplace(name.str(), static_cast<int>(node.source().begin.line));
        read(*key, node);
      }
    }
  }
  void add_error(const toml::source_region& region, const std::string& what) {
    errors_ += (errors_.empty() ? "" : "\n") + where_ + ":" + std::to_string(region.begin.line) + ": " + what;
  }
  [[nodiscard]] Result<BundleConfig> result() {
    if (!errors_.empty()) return fail(ErrorKind::invalid, errors_);
    return std::move(config_);
  }

 private:
  void unknown(const toml::key& name, const toml::node& node) {
    Texts names;
    std::string all;
    for (const Key& key : keys) {
      names.emplace_back(key.name);
      all += (all.empty() ? "" : ", ") + names.back();
    }
    const std::string near = nearest(name.str(), names);
    const auto& at = name.source().begin.line > 0 ? name.source() : node.source();
    const std::string what = node.is_table() ? "an unknown table [" + std::string(name.str()) + "]; keys stand without one"
                                             : "an unknown key " + std::string(name.str());
    add_error(at, what + (near.empty() ? "" : ", perhaps " + near) + " (there are " + all + ")");
  }

  void read(const Key& key, const toml::node& node) {
    const std::string name(key.name);
    if (key.list != nullptr) {
      const toml::array* array = node.as_array();
      if (array == nullptr) return wrong_type(key, node, node.is_string() ? ": put it into brackets" : "");
      (config_.*key.list).clear();
      for (const toml::node& element : *array) {
        const auto* text = element.as_string();
        if (text == nullptr)
          return add_error(element.source(),
                           name + " has " + type_name(element) + " in it, and is " + std::string(key.allowed));
        if (check(key, text->get(), element)) (config_.*key.list).push_back(text->get());
      }
    } else if (key.text != nullptr) {
      const auto* text = node.as_string();
      if (text == nullptr) return wrong_type(key, node);
      if (check(key, text->get(), node)) config_.*key.text = text->get();
    } else if (key.number != nullptr) {
      const auto* number = node.as_integer();
      if (number == nullptr || std::ranges::find(standards, number->get()) == std::end(standards)) return wrong_type(key, node);
      config_.*key.number = static_cast<int>(number->get());
    } else {
      const auto* flag = node.as_boolean();
      if (flag == nullptr) return wrong_type(key, node);
      config_.*key.flag = flag->get();
    }
  }

  bool check(const Key& key, const std::string& text, const toml::node& node) {
    const std::string wrong = key.check(text);
    if (!wrong.empty()) add_error(node.source(), std::string(key.name) + ", \"" + text + "\": " + wrong);
    return wrong.empty();
  }
  void wrong_type(const Key& key, const toml::node& node, const std::string& hint = {}) {
    add_error(node.source(), std::string(key.name) + " is " + std::string(key.allowed) + ", not " + type_name(node) + hint);
  }

  std::string where_, errors_;
  BundleConfig config_;
};

}  // namespace

Result<BundleConfig> read_bundle_config(std::string_view text, const std::string& where) {
  Reader reader(where);
  const toml::parse_result parsed = toml::parse(text, where);
  if (parsed)
    reader.read(parsed.table());
  else
    reader.add_error(parsed.error().source(), "this is not TOML: " + std::string(parsed.error().description()));
  return reader.result();
}

std::vector<std::string> sources_of(const BundleConfig& config, const std::vector<std::string>& paths) {
  std::vector<std::string> found;
  for (const std::string& path : paths) {
    bool is_source = false;  // the last pattern that fits decides
    for (const std::string& pattern : config.sources) {
      const bool takes_back = pattern.starts_with("!");
      if (glob_fits(std::string_view(pattern).substr(takes_back ? 1 : 0), path)) is_source = !takes_back;
    }
    if (is_source) found.push_back(path);
  }
  return found;
}

}  // namespace venturi::lanes
