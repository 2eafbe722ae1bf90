// libFuzzer: a stream of random secrets, pieces of their forms and other bytes, cut at random, against mask_naively().
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/masking.h"
#include "base/masking_naive.h"

namespace {

using venturi::Masker;

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  [[nodiscard]] bool empty() const { return at_ >= size_; }
  std::size_t below(std::size_t limit) { return (empty() ? 0U : data_[at_++]) % limit; }
  // Few different bytes, so that secrets overlap; all kinds that forms treat differently.
  char byte() {
    constexpr std::string_view bytes = "aaaabbbb1_ \n\";/%+\\=\xd0\x90\xf0\x9f\x98\x80\x01";
    return bytes[below(bytes.size())];
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_, at_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  std::vector<std::string> secrets(input.below(6));
  bool fields = false;
  for (std::string& secret : secrets) {
    for (std::size_t length = input.below(14); length > 0; --length) secret += input.byte();
    fields = fields || venturi::masked_as_field_only(secret);
  }
  Masker masker;
  if (input.below(2) == 0) {
    masker.add(secrets);
  } else {
    for (const std::string& secret : secrets) masker.add(std::string_view(secret));
  }

  std::string text, masked, pending;
  bool exact = true;
  const auto scan = [&](bool at_end) {
    exact = exact && !(fields && pending.size() > masker.max_held());
    const Masker::Scan result = masker.scan(pending, at_end);
    if (result.consumed > pending.size() || pending.size() - result.consumed > masker.max_held() ||
        (at_end && result.consumed != pending.size())) {
      std::abort();
    }
    masked += result.clean;
    pending.erase(0, result.consumed);
  };
  while (!input.empty()) {
    std::string piece;
    const std::size_t kind = input.below(8);
    if (kind < 3 && !secrets.empty()) {
      const auto forms = venturi::masked_forms(secrets[input.below(secrets.size())]);
      if (!forms.empty()) {
        const std::string& form = forms[input.below(forms.size())];
        const std::size_t begin = kind == 0 ? 0 : input.below(form.size());
        piece = form.substr(begin, kind == 2 ? input.below(form.size()) : std::string::npos);
      }
    } else {
      piece = input.byte();
    }
    text += piece;
    pending += piece;
    if (kind >= 6) scan(false);
  }
  scan(true);
  const std::string expected = venturi::mask_naively(secrets, text);
  if (masker.mask(text) != expected || (exact && masked != expected)) {
    std::fprintf(stderr, "text:     %s\nexpected: %s\nwhole:    %s\nstreamed: %s\n", text.c_str(), expected.c_str(),
                 masker.mask(text).c_str(), masked.c_str());
    for (const std::string& secret : secrets) std::fprintf(stderr, "secret:   %s\n", secret.c_str());
    std::abort();
  }
  return 0;
}
