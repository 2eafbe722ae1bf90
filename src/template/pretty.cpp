#include "template/pretty.h"

#include "template/compare.h"
#include "template/dict.h"
#include "template/operators.h"
#include "template/sorting.h"
#include "template/utf8.h"

namespace venturi::templates {
namespace {

constexpr std::size_t pretty_width = 80;

class PrettyPrinter {
 public:
  explicit PrettyPrinter(Runtime& runtime) : runtime_(runtime) {}

  std::string run(const Item& item) {
    write(item, 0, 0);
    runtime_.budget.make_text(out_.size());
    return std::move(out_);
  }

 private:
  // dicts in the order of their keys, as pprint shows them, where the keys have one.
  Items sorted_entries(const Dict& dict) {
    Items entries, keys;
    for (const Dict::Entry& entry : dict) {
      entries.push_back(Item::tuple({entry.key, entry.value}));
      keys.push_back(entry.key);
    }
    return sort_by(runtime_, std::move(entries), keys, false, true);
  }

  std::string one_line(const Item& item) {
    const Walk::Level level(walk_);
    if (item.is(Type::dict)) {
      std::string out = "{";
      for (const Item& entry : sorted_entries(item.as_dict())) {
        if (out.size() > 1) out += ", ";
        out += one_line(entry.sequence()[0]) + ": " + one_line(entry.sequence()[1]);
      }
      return out + "}";
    }
    if (!item.is_sequence()) return repr(item);
    const bool list = item.is(Type::list);
    std::string out = list ? "[" : "(";
    for (std::size_t i = 0; i < item.sequence().size(); ++i) {
      if (i > 0) out += ", ";
      out += one_line(item.sequence()[i]);
      runtime_.budget.check_text(out.size());
    }
    if (!list && item.sequence().size() == 1) out += ",";
    return out + (list ? "]" : ")");
  }

  // `after` characters follow on the same line: closing brackets and a comma.
  void write(const Item& item, std::size_t indent, std::size_t after) {
    const Walk::Level level(walk_);
    runtime_.budget.check_text(out_.size());
    const std::string line = one_line(item);
    runtime_.budget.step(line.size() / 64);
    const bool fits = utf8::length(line) <= (pretty_width > indent + after ? pretty_width - indent - after : 0);
    if (fits || !(item.is_sequence() || item.is(Type::dict)) || length(item) == 0) {
      out_ += line;
      return;
    }
    const bool dict = item.is(Type::dict), tuple = item.is(Type::tuple);
    const Items parts = dict ? sorted_entries(item.as_dict()) : item.sequence();
    out_ += dict ? '{' : tuple ? '(' : '[';
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i > 0) out_ += ",\n" + std::string(indent + 1, ' ');
      const bool last = i + 1 == parts.size();
      std::size_t column = indent + 1;
      if (dict) {
        const std::string key = one_line(parts[i].sequence()[0]) + ": ";
        out_ += key;
        column += utf8::length(key);
      }
      write(dict ? parts[i].sequence()[1] : parts[i], column, last ? after + 1 : 1);
    }
    if (tuple && parts.size() == 1) out_ += ',';
    out_ += dict ? '}' : tuple ? ')' : ']';
  }

  Runtime& runtime_;
  Walk walk_;
  std::string out_;
};

}  // namespace

std::string pretty(Runtime& runtime, const Item& item) {
  return PrettyPrinter(runtime).run(item);
}

}  // namespace venturi::templates
