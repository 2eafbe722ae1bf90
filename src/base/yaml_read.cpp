// From libyaml's events to the tree.
#include <yaml.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "base/yaml.h"

namespace venturi {
namespace {

constexpr std::string_view merge_key = "<<";
constexpr std::string_view core = "tag:yaml.org,2002:";
constexpr std::size_t most_problems = 100;
constexpr std::size_t longest_subject = 100;

YamlMark mark_of(const yaml_mark_t& mark) {
  return {static_cast<int>(mark.line) + 1, static_cast<int>(mark.column) + 1};
}

std::string_view text_of(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

struct EventDeleter {
  void operator()(yaml_event_t* event) const { yaml_event_delete(event); }
};

class Reader {
 public:
  Reader(std::string_view text, const YamlLimits& limits, YamlText& out) : text_(text), limits_(limits), out_(out) {
    if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~Reader() { yaml_parser_delete(&parser_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  void run() {
    while (!out_.has_syntax_error) {
      yaml_event_t event;
      if (yaml_parser_parse(&parser_, &event) == 0) return tell_syntax_error();
      const std::unique_ptr<yaml_event_t, EventDeleter> owned(&event);
      if (event.type == YAML_STREAM_END_EVENT) return;
      handle(event);
    }
  }

 private:
  struct Open {
    YamlNode* node;
    std::string anchor;
    std::size_t size = 1;  // nodes in it, aliases counted as what they stand for
    const YamlNode* key = nullptr;
    std::set<std::string_view> keys;
    std::vector<const YamlNode*> merged;
  };
  struct Anchor {
    const YamlNode* node;
    std::size_t size;
    bool is_open;
  };

  void handle(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_DOCUMENT_START_EVENT:
        anchors_.clear();
        return;
      case YAML_SCALAR_EVENT:
        return add_scalar(event);
      case YAML_ALIAS_EVENT:
        return add_alias(event);
      case YAML_SEQUENCE_START_EVENT:
        return open(YamlNode::Kind::sequence, event, event.data.sequence_start.anchor, event.data.sequence_start.tag);
      case YAML_MAPPING_START_EVENT:
        return open(YamlNode::Kind::mapping, event, event.data.mapping_start.anchor, event.data.mapping_start.tag);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        return close();
      default:
        return;
    }
  }

  void stop(YamlMark mark, std::string what, std::string hint = {}, std::string_view subject = {}) {
    out_.problems.push_back({mark, std::move(what), std::move(hint), std::string(subject.substr(0, longest_subject))});
    out_.has_syntax_error = true;
  }
  void tell(YamlMark mark, std::string what, std::string hint, std::string_view subject) {
    if (out_.problems.size() >= most_problems) return;
    out_.problems.push_back({mark, std::move(what), std::move(hint), std::string(subject.substr(0, longest_subject))});
  }

  void open(YamlNode::Kind kind, const yaml_event_t& event, const yaml_char_t* anchor, const yaml_char_t* tag) {
    const YamlMark mark = mark_of(event.start_mark);
    if (static_cast<int>(open_.size()) >= limits_.depth)
      return stop(mark, "it is nested more than " + std::to_string(limits_.depth) + " deep", "make it flatter");
    const std::string_view own = kind == YamlNode::Kind::sequence ? "seq" : "map";
    if (!text_of(tag).empty() && text_of(tag) != std::string(core) + std::string(own) && text_of(tag) != "!")
      return stop(mark, "a tag is not known here", "take it away", text_of(tag));
    YamlNode& node = out_.nodes.emplace_back();
    node.kind = kind;
    node.mark = mark;
    Open& opened = open_.emplace_back();
    opened.node = &node;
    opened.anchor = text_of(anchor);
    if (!opened.anchor.empty()) anchors_[opened.anchor] = {&node, 0, true};
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    if (done.node->kind == YamlNode::Kind::mapping) merge(done);
    if (!done.anchor.empty()) anchors_[done.anchor] = {done.node, done.size, false};
    attach(done.node, done.size);
  }

  // What the mapping has itself counts, then the first of those that are merged.
  static void merge(Open& done) {
    for (const YamlNode* other : done.merged) {
      for (const auto& member : other->members) {
        if (done.keys.insert(member.first->text).second) done.node->members.push_back(member);
      }
    }
  }

  void add_scalar(const yaml_event_t& event) {
    const auto& scalar = event.data.scalar;
    const YamlMark mark = mark_of(event.start_mark);
    const std::string_view tag = text_of(scalar.tag);
    YamlNode& node = out_.nodes.emplace_back();
    node.mark = mark;
    node.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
    node.is_plain = scalar.style == YAML_PLAIN_SCALAR_STYLE && tag.empty();
    if (tag.empty() || tag == "!" || tag == std::string(core) + "str") {
      node.value = node.is_plain ? yaml_plain_scalar(node.text) : Value(node.text);
    } else if (tag == std::string(core) + "int" || tag == std::string(core) + "float" || tag == std::string(core) + "bool" ||
               tag == std::string(core) + "null") {
      node.value = yaml_plain_scalar(node.text);
    } else {
      return stop(mark, "a tag is not known here", "take it away", tag);
    }
    if (const std::string_view anchor = text_of(scalar.anchor); !anchor.empty())
      anchors_[std::string(anchor)] = {&node, 1, false};
    attach(&node, 1);
  }

  void add_alias(const yaml_event_t& event) {
    const YamlMark mark = mark_of(event.start_mark);
    const std::string name(text_of(event.data.alias.anchor));
    const auto found = anchors_.find(name);
    if (found == anchors_.end())
      return stop(mark, "an alias has no anchor before it", "put & and its name where it is defined", "*" + name);
    if (found->second.is_open) return stop(mark, "an alias stands within what it stands for", "take it away", "*" + name);
    attach(found->second.node, found->second.size, mark);
  }

  void attach(const YamlNode* node, std::size_t size) { attach(node, size, node->mark); }
  void attach(const YamlNode* node, std::size_t size, YamlMark mark) {
    if (open_.empty()) {
      total_ += size;
      if (total_ <= limits_.nodes) out_.documents.push_back(node);
      return check_size(total_, mark);
    }
    Open& parent = open_.back();
    parent.size += size;
    check_size(total_ + parent.size, mark);
    if (parent.node->kind == YamlNode::Kind::sequence) {
      parent.node->items.push_back(node);
    } else if (parent.key == nullptr) {
      take_key(parent, node, mark);
    } else {
      take_member(parent, node, mark);
    }
  }
  void check_size(std::size_t size, YamlMark mark) {
    if (size <= limits_.nodes || out_.has_syntax_error) return;
    stop(mark, "it stands for more than " + std::to_string(limits_.nodes) + " values", "split the file, or use fewer aliases");
  }

  void take_key(Open& parent, const YamlNode* key, YamlMark mark) {
    if (key->kind != YamlNode::Kind::scalar) {
      const bool is_template = key->kind == YamlNode::Kind::mapping && text_at(mark).starts_with("{");
      return stop(mark, "a key is no text",
                  is_template ? "a template stands in quotes: \"{{ ... }}\"" : "give it a name, or put it in quotes");
    }
    parent.key = key;
  }

  void take_member(Open& parent, const YamlNode* node, YamlMark mark) {
    const YamlNode* key = std::exchange(parent.key, nullptr);
    if (key->is_plain && key->text == merge_key) return take_merged(parent, node, mark);
    if (!parent.keys.insert(key->text).second)
      return tell(key->mark, "a key stands there twice", "take one of the two away", key->text);
    parent.node->members.emplace_back(key, node);
  }
  void take_merged(Open& parent, const YamlNode* node, YamlMark mark) {
    const std::vector<const YamlNode*> one{node};
    for (const YamlNode* each : node->kind == YamlNode::Kind::sequence ? node->items : one) {
      if (!each->is_mapping()) return tell(mark, "<< merges mappings", "write <<: *name, or <<: [*one, *other]", {});
      parent.merged.push_back(each);
    }
  }

  [[nodiscard]] std::string_view text_at(YamlMark mark) const {
    std::string_view rest = text_;
    for (int line = 1; line < mark.line; ++line) {
      const std::size_t end = rest.find('\n');
      if (end == std::string_view::npos) return {};
      rest.remove_prefix(end + 1);
    }
    rest = rest.substr(0, rest.find('\n'));
    for (int column = 1; column < mark.column && !rest.empty(); ++column) {
      rest.remove_prefix(1);
      while (!rest.empty() && (static_cast<unsigned char>(rest.front()) & 0xC0) == 0x80) rest.remove_prefix(1);
    }
    return rest;
  }

  void tell_syntax_error() {
    YamlMark mark = mark_of(parser_.problem_mark);
    std::string what = parser_.problem == nullptr ? "out of memory" : parser_.problem;
    if (parser_.error == YAML_READER_ERROR) {
      // It tells an offset only.
      const std::string_view before = text_.substr(0, parser_.problem_offset);
      const std::size_t last = before.rfind('\n');
      mark.line = static_cast<int>(std::ranges::count(before, '\n')) + 1;
      mark.column = static_cast<int>(before.size() - (last == std::string_view::npos ? 0 : last + 1)) + 1;
    }
    const std::string_view here = text_at(mark);
    if (here.starts_with('\t')) return stop(mark, "a tab stands where only blanks may", "YAML is indented with blanks");
    if (parser_.context != nullptr && parser_.context_mark.line + 1 != static_cast<std::size_t>(mark.line))
      what += ", " + std::string(parser_.context) + " that begins on line " + std::to_string(parser_.context_mark.line + 1);
    std::string hint;
    if (what.starts_with("mapping values are not allowed"))
      hint = "put a text that has \": \" in it in quotes, or correct the indentation";
    else if (what.starts_with("did not find expected"))
      hint = "look at the indentation, and at quotes and brackets that are not closed";
    else if (here.starts_with('%') || here.starts_with('@') || here.starts_with('`'))
      hint = "put a text that begins with this character in quotes";
    stop(mark, "this is no YAML: " + what, hint);
  }

  std::string_view text_;
  const YamlLimits& limits_;
  YamlText& out_;
  yaml_parser_t parser_{};
  std::vector<Open> open_;
  std::map<std::string, Anchor, std::less<>> anchors_;
  std::size_t total_ = 0;
};

}  // namespace

YamlText read_yaml(std::string_view text, const YamlLimits& limits) {
  YamlText out;
  if (text.size() > limits.bytes) {
    out.problems.push_back(
        {{1, 1}, "it has more than " + std::to_string(limits.bytes) + " bytes, and no more are read", "split the file", {}});
    out.has_syntax_error = true;
    return out;
  }
  Reader(text, limits, out).run();
  return out;
}

}  // namespace venturi
