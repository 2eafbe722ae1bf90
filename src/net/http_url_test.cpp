#include "net/http_url.h"

#include <gtest/gtest.h>

#include <map>

#include "net/http_proxy.h"

namespace venturi::net {
namespace {

TEST(HttpUrl, WhatIsShownHoldsNoSecret) {
  EXPECT_EQ(shown_url("https://ann:pw@h.example:8443/a/b?token=x&page=2&bare#frag"),
            "https://h.example:8443/a/b?token=***&page=***&***");
  EXPECT_EQ(shown_url("http://h/"), "http://h");
  EXPECT_EQ(shown_url("rubbish://"), "(no URL)");
}

TEST(HttpUrl, Locations) {
  EXPECT_EQ(resolved_url("http://h/a/b?c=d", "../e").value(), "http://h/e");
  EXPECT_EQ(resolved_url("http://h/a", "//other/x y").value(), "http://other/x%20y");
  EXPECT_EQ(resolved_url("http://h/a", "?q=1").value(), "http://h/a?q=1");
  EXPECT_FALSE(resolved_url("http://h/a", "http://:x:y"));
}

TEST(HttpUrl, Origins) {
  EXPECT_EQ(origin_of("HTTPS://H.example/x").value(), (Origin{"https", "h.example", "443"}));
  EXPECT_EQ(origin_of("http://h:80/").value(), origin_of("http://h").value());
}

TEST(HttpUrl, Queries) {
  EXPECT_EQ(form_encoded({{"a b", "1&2"}, {"ü", "~x/"}}), "a+b=1%262&%C3%BC=~x%2F");
  EXPECT_EQ(with_query("http://h/x", "a=1"), "http://h/x?a=1");
  EXPECT_EQ(with_query("http://h/x?b=2#f", "a=1"), "http://h/x?b=2&a=1#f");
  EXPECT_EQ(with_query("http://h/x?", "a=1"), "http://h/x?a=1");
  EXPECT_EQ(with_query("http://h/x", ""), "http://h/x");
}

TEST(HttpProxy, TheEnvironmentNamesIt) {
  std::map<std::string, std::string> variables{{"HTTP_PROXY", "http://upper"}, {"no_proxy", "inside"}};
  const Environment environment = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  EXPECT_EQ(proxy_from_environment("http://h/", environment).proxy, "http://upper");
  EXPECT_EQ(proxy_from_environment("http://h/", environment).no_proxy, "inside");
  EXPECT_EQ(proxy_from_environment("https://h/", environment).proxy, "");
  variables["http_proxy"] = "http://lower";
  variables["ALL_PROXY"] = "http://all";
  EXPECT_EQ(proxy_from_environment("http://h/", environment).proxy, "http://lower");
  EXPECT_EQ(proxy_from_environment("https://h/", environment).proxy, "http://all");
}

}  // namespace
}  // namespace venturi::net
