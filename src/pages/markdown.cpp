#include "pages/markdown.h"

#define CMARK_STATIC_DEFINE
#include <cmark.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace venturi::pages {
namespace {

struct FreeNode {
  void operator()(cmark_node* node) const { cmark_node_free(node); }
};
struct FreeText {
  void operator()(char* text) const { std::free(text); }  // cmark's own allocator is malloc
};
struct FreeIterator {
  void operator()(cmark_iter* iterator) const { cmark_iter_free(iterator); }
};

// A picture would be asked for elsewhere: what it shows is said instead.
void replace_pictures(cmark_node* root) {
  const std::unique_ptr<cmark_iter, FreeIterator> iterator(cmark_iter_new(root));
  std::vector<cmark_node*> pictures;
  for (cmark_event_type event = cmark_iter_next(iterator.get()); event != CMARK_EVENT_DONE;
       event = cmark_iter_next(iterator.get())) {
    cmark_node* node = cmark_iter_get_node(iterator.get());
    if (event == CMARK_EVENT_ENTER && cmark_node_get_type(node) == CMARK_NODE_IMAGE) pictures.push_back(node);
  }
  for (cmark_node* picture : pictures) {
    while (cmark_node* child = cmark_node_first_child(picture)) cmark_node_insert_before(picture, child);
    cmark_node_unlink(picture);
    cmark_node_free(picture);
  }
}

// Docstrings are indented as a whole.
std::string without_indent(std::string_view text) {
  std::size_t indent = std::string_view::npos;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::size_t first = text.find_first_not_of(' ', at);
    if (first < end && at != 0) indent = std::min(indent, first - at);
    at = end + 1;
  }
  if (indent == std::string_view::npos || indent == 0) return std::string(text);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::size_t first = std::min(text.find_first_not_of(' ', at), end);
    out += std::string(text.substr(std::min(first, at + indent), end - std::min(first, at + indent))) + "\n";
    at = end + 1;
  }
  return out;
}

}  // namespace

Html markdown(std::string_view text) {
  const std::string source = without_indent(text);
  // CMARK_OPT_UNSAFE is not among them: HTML of the text's and addresses like javascript: are left out.
  constexpr int options = CMARK_OPT_VALIDATE_UTF8;
  const std::unique_ptr<cmark_node, FreeNode> root(cmark_parse_document(source.data(), source.size(), options));
  replace_pictures(root.get());
  const std::unique_ptr<char, FreeText> rendered(cmark_render_html(root.get(), options));
  return Html::trusted(rendered.get());
}

}  // namespace venturi::pages
