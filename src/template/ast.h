// A parsed template. Immutable; shared by all that render it.
//
// What can be long without being deep is a vector, not a chain of nodes: `a + b + c`, `a.b(c)[d] | e`, `a ~ b ~ c`. So no tree
// is deeper than max_syntax_depth, and nothing that walks or destroys one can overflow the stack.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "template/call.h"
#include "template/item.h"
#include "template/operators.h"

namespace venturi::templates {

struct Expression;
using ExpressionPtr = std::unique_ptr<const Expression>;
using Expressions = std::vector<ExpressionPtr>;

struct Arguments {
  Expressions positional;
  std::vector<std::pair<std::string, ExpressionPtr>> keywords;
  ExpressionPtr star, double_star;  // may be nullptr
};

// What follows an operand.
struct Attribute {
  std::string name;
};
struct Subscript {
  ExpressionPtr key;
};
struct Slice {
  ExpressionPtr start, stop, step;  // may be nullptr
};
struct Invocation {
  Arguments arguments;
};
// A filter or test that does not exist is an error when it is reached, if it stands within an `if`; else already at parsing.
struct Filter {
  std::string name;
  Native function;
  Arguments arguments;
};
struct Test {
  std::string name;
  Native function;
  Arguments arguments;
  bool negated;
};
struct Suffix {
  int line;
  std::variant<Attribute, Subscript, Slice, Invocation, Filter, Test> part;
};

struct Literal {
  Item value;
};
struct Name {
  std::string name;
};
struct Sequence {
  bool list;  // or tuple
  Expressions parts;
};
struct DictLiteral {
  std::vector<std::pair<ExpressionPtr, ExpressionPtr>> entries;
};
struct Postfix {
  ExpressionPtr operand;  // nullptr: the text of a filter block
  std::vector<Suffix> suffixes;
};
struct Arithmetic {  // of one precedence, from left to right
  ExpressionPtr first;
  std::vector<std::pair<Operator, ExpressionPtr>> rest;
};
struct Concatenation {
  Expressions parts;
};
enum class Comparator : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal, in, not_in };
struct Comparison {
  ExpressionPtr first;
  std::vector<std::pair<Comparator, ExpressionPtr>> rest;
};
struct Logic {
  bool conjunction;  // and; otherwise or
  Expressions operands;
};
struct Unary {
  char op;  // '-', '+', '!'
  ExpressionPtr operand;
};
struct Conditional {
  ExpressionPtr condition, then, otherwise;  // otherwise may be nullptr
};

struct Expression {
  int line;
  std::variant<Literal, Name, Sequence, DictLiteral, Postfix, Arithmetic, Concatenation, Comparison, Logic, Unary, Conditional>
      node;
};

struct Statement;
using Body = std::vector<Statement>;

struct Target {
  int line = 0;
  std::string name;
  std::string attribute;      // of a namespace: `set ns.x`
  std::vector<Target> parts;  // not empty: unpacked into these
  bool unpacked = false;
};

struct TextOutput {
  std::string text;
};
struct Output {
  Expressions values;
};
struct For {
  Target target;
  ExpressionPtr iterated, filter;
  Body body, otherwise;
  bool recursive;
  bool uses_loop;  // mentions `loop`: otherwise there is none, and an included template does not see one
};
struct If {
  std::vector<std::pair<ExpressionPtr, Body>> branches;
  Body otherwise;
};
struct Set {
  Target target;
  ExpressionPtr value;
};
struct SetBlock {
  Target target;
  ExpressionPtr filters;  // a Postfix without operand, or nullptr
  Body body;
};
struct With {
  std::vector<std::pair<Target, ExpressionPtr>> bindings;
  Body body;
};
struct FilterBlock {
  ExpressionPtr filters;
  Body body;
};
struct Signature {
  std::vector<std::string> parameters;
  Expressions defaults;  // of the last parameters
  Body body;
  bool uses_varargs, uses_kwargs, uses_caller;
};
struct Macro {
  std::string name;
  std::shared_ptr<const Signature> signature;
};
struct CallBlock {
  ExpressionPtr call;
  std::shared_ptr<const Signature> caller;
};
struct Do {
  ExpressionPtr value;
};
struct Autoescape {
  ExpressionPtr enabled;
  Body body;
};
struct Include {
  ExpressionPtr source;
  bool ignore_missing, with_context;
};
struct Import {
  ExpressionPtr source;
  std::string target;
  bool with_context;
};
struct FromImport {
  ExpressionPtr source;
  std::vector<std::pair<std::string, std::string>> names;  // what and as what
  bool with_context;
};
struct Extends {
  ExpressionPtr source;
};
struct Block {
  std::string name;
  bool scoped, required;
  Body body;
};

struct Statement {
  int line;
  std::variant<TextOutput, Output, For, If, Set, SetBlock, With, FilterBlock, Macro, CallBlock, Do, Autoescape, Include, Import,
               FromImport, Extends, std::shared_ptr<const Block>>
      node;
};

// One source, parsed.
struct Tree {
  std::string name;
  Body body;
  std::vector<std::shared_ptr<const Block>> blocks;
};

}  // namespace venturi::templates
