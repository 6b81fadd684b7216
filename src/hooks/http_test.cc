#include "hooks/http.h"

#include <gtest/gtest.h>

#include "hooks/curl_library.h"
#include "hooks/test_help.h"

namespace segue::hooks {
namespace {

using testing::http_answer;
using testing::HttpServer;
using testing::Listener;
using testing::Variable;

const std::string secret = "Zq1secret";

// What this machine's own environment says about proxies is not what is tested.
const bool without_proxies = [] {
  for (const char* name :
       {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"}) {
    ::unsetenv(name);
  }
  return true;
}();

Error error_of(const HttpRequest& request) {
  const auto answer = ask(request, nullptr);
  if (answer) {
    ADD_FAILURE() << "answered with " << answer->status;
    return {};
  }
  EXPECT_EQ(to_text(answer.error()).find(secret), std::string::npos) << to_text(answer.error());
  EXPECT_NE(answer.error().hint, "") << to_text(answer.error());
  return answer.error();
}

// A port on which nobody listens: one that was free a moment ago.
std::string dead_place() {
  return Listener([](int) {}).place();
}

TEST(Http, AnAnswerOfAnyStatusIsAnAnswer) {
  for (const int status : {200, 204, 302, 404, 500, 503}) {
    HttpServer server([&](const auto&) { return http_answer(status, status == 204 ? "" : "words"); });
    const auto answer = ask({server.url("/health")}, nullptr);
    ASSERT_TRUE(answer) << to_text(answer.error());
    EXPECT_EQ(answer->status, status);
    EXPECT_EQ(answer->body, status == 204 ? "" : "words");
    EXPECT_GT(answer->ms, 0);
  }
}

TEST(Http, SendsWhatItIsGiven) {
  HttpServer server([](const auto&) { return http_answer(200, ""); });
  HttpRequest request{server.url("/a?b=c"), "POST", R"({"state": "switched"})", {{"X-Token", "t"}, {"X-Empty", ""}}};
  ASSERT_TRUE(ask(request, nullptr));
  request = {server.url("/"), "PUT", "plain", {{"content-type", "text/csv"}}};
  ASSERT_TRUE(ask(request, nullptr));
  request = {server.url("/"), "DELETE"};
  ASSERT_TRUE(ask(request, nullptr));
  request = {server.url("/"), "HEAD"};
  ASSERT_TRUE(ask(request, nullptr));
  request = {server.url("/"), "POST"};
  ASSERT_TRUE(ask(request, nullptr));

  const auto sent = server.requests();
  ASSERT_EQ(sent.size(), 5U);
  EXPECT_TRUE(sent[0].starts_with("POST /a?b=c HTTP/1.1\r\n")) << sent[0];
  EXPECT_NE(sent[0].find("X-Token: t\r\n"), std::string::npos) << sent[0];
  EXPECT_NE(sent[0].find("X-Empty:"), std::string::npos) << sent[0];
  EXPECT_NE(sent[0].find("Content-Type: application/json\r\n"), std::string::npos) << sent[0];
  EXPECT_NE(sent[0].find("User-Agent: segue/"), std::string::npos) << sent[0];
  EXPECT_TRUE(sent[0].ends_with("\r\n\r\n{\"state\": \"switched\"}")) << sent[0];
  EXPECT_TRUE(sent[1].starts_with("PUT / HTTP/1.1\r\n") && sent[1].ends_with("\r\n\r\nplain")) << sent[1];
  EXPECT_EQ(sent[1].find("text/plain"), std::string::npos) << sent[1];
  EXPECT_TRUE(sent[2].starts_with("DELETE / ")) << sent[2];
  EXPECT_TRUE(sent[3].starts_with("HEAD / ")) << sent[3];
  EXPECT_TRUE(sent[4].starts_with("POST / ") && sent[4].find("Content-Length: 0\r\n") != std::string::npos) << sent[4];
}

TEST(Http, KeepsTheFirst4KbOfTheAnswerAsValidText) {
  std::string body = "x";
  while (body.size() < 100'000) body += "ä";
  HttpServer server([&](const auto&) { return http_answer(200, body); });
  const auto answer = ask({server.url("/")}, nullptr);
  ASSERT_TRUE(answer) << to_text(answer.error());
  EXPECT_EQ(answer->body.size(), 4095U);  // the character at the edge is left out whole
  EXPECT_TRUE(body.starts_with(answer->body));
}

TEST(Http, FollowsUpTo5AnswersThatSendOnForGetAndHead) {
  HttpServer server([](const std::string& request) {
    const int step = request[request.find('/') + 1] - '0';
    if (step == 5) return http_answer(200, "the end");
    return http_answer(302, "", "Location: /" + std::to_string(step + 1) + "\r\n");
  });
  EXPECT_EQ(ask({server.url("/0")}, nullptr)->status, 200);
  EXPECT_EQ(ask({server.url("/0"), "HEAD"}, nullptr)->status, 200);
  EXPECT_EQ(ask({server.url("/0"), "POST", "x"}, nullptr)->status, 302);
  EXPECT_EQ(ask({server.url("/0"), "PUT", "x"}, nullptr)->status, 302);
  HttpServer circle([](const auto&) { return http_answer(302, "", "Location: /\r\n"); });
  EXPECT_EQ(error_of({circle.url("/")}).code, "http-redirects");
  EXPECT_EQ(circle.requests().size(), 6U);
}

TEST(Http, DoesNotGoOnToFilesNorTakeSecretsToAnotherHost) {
  HttpServer to_file([](const auto&) { return http_answer(302, "", "Location: file:///etc/hostname\r\n"); });
  EXPECT_EQ(error_of({to_file.url("/")}).code, "http-not-http");
  HttpServer other([](const auto&) { return http_answer(200, "here"); });
  HttpServer server([&](const auto&) { return http_answer(302, "", "Location: " + other.url("/") + "\r\n"); });
  const auto url = "http://me:" + secret + "@" + server.place() + "/";
  EXPECT_EQ(ask({url, "GET", "", {{"Cookie", secret}}}, nullptr)->body, "here");
  EXPECT_NE(server.requests().at(0).find("Authorization: Basic"), std::string::npos);
  EXPECT_EQ(other.requests().at(0).find("Authorization"), std::string::npos);
  EXPECT_EQ(other.requests().at(0).find(secret), std::string::npos);
}

TEST(Http, SaysWhatKeptItFromAnAnswer) {
  const auto place = dead_place();
  const auto refused = error_of({"http://me:" + secret + "@" + place + "/x?token=" + secret});
  EXPECT_EQ(refused.code, "http-no-connection");
  EXPECT_EQ(refused.where, place);
  EXPECT_EQ(refused.message, "no connection (Connection refused)");
  EXPECT_EQ(error_of({"http://no-such-host.invalid/?" + secret}).code, "http-no-host");

  HttpServer silent([](const auto&) { return std::string(); });
  HttpRequest request{silent.url("/?" + secret)};
  request.timeout = std::chrono::milliseconds(150);
  const auto late = error_of(request);
  EXPECT_EQ(late.code, "http-timeout");
  EXPECT_EQ(late.message, "no answer within 150 ms");
  EXPECT_EQ(late.where, silent.place());

  Listener closing([](int connection) {
    char piece[4096];
    ::recv(connection, piece, sizeof piece, 0);
  });
  EXPECT_EQ(error_of({"http://" + closing.place()}).code, "http-broken");
  // What is written to nobody raises no SIGPIPE.
  Listener deaf([](int) {});
  EXPECT_EQ(error_of({"http://" + deaf.place(), "POST", std::string(std::size_t{8} << 20, 'x')}).code, "http-broken");
  HttpServer cut([](const auto&) { return "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"; });
  EXPECT_EQ(error_of({cut.url("/")}).message, "the connection broke off in the answer (status 200)");
}

TEST(Http, TakesNoUrlHeaderOrMethodThatIsNone) {
  for (const std::string url : {"ftp://host/", "file:///etc/passwd", "host", "", "http://", "http:///x",
                                "http://me:Zq1secret/@host/", "gopher://Zq1secret@x"}) {
    EXPECT_EQ(error_of({url}).exit, Exit::usage) << url;
  }
  EXPECT_EQ(error_of({"http://h/", "GET", "", {{"X-A", "Zq1secret\r\nX-B: c"}}}).exit, Exit::usage);
  EXPECT_EQ(error_of({"http://h/", "GET", "", {{"X-A: b\r\nX", "c"}}}).exit, Exit::usage);
  EXPECT_EQ(error_of({"http://h/", "GET /x\r\n"}).exit, Exit::usage);
  EXPECT_EQ(error_of({"http://h/", ""}).exit, Exit::usage);
}

TEST(Http, EndsAtAStop) {
  std::atomic<bool> stop = false;
  HttpServer silent([&](const auto&) {
    stop = true;
    return std::string();
  });
  const auto answer = ask({silent.url("/")}, &stop);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "stopped");
  EXPECT_EQ(answer.error().exit, Exit::stopped);
}

TEST(Http, GoesThroughAProxy) {
  HttpServer proxy([](const auto&) { return http_answer(200, "by the proxy"); });
  const Variable set("http_proxy", "http://" + proxy.place());
  EXPECT_EQ(ask({"http://no-such-host.invalid/x"}, nullptr)->body, "by the proxy");
  EXPECT_TRUE(proxy.requests().at(0).starts_with("GET http://no-such-host.invalid/x ")) << proxy.requests().at(0);
  const Variable excepted("no_proxy", "127.0.0.1");
  HttpServer server([](const auto&) { return http_answer(200, "itself"); });
  EXPECT_EQ(ask({server.url("/")}, nullptr)->body, "itself");
  const Variable wrong("http_proxy", "http://no-such-proxy.invalid:1");
  EXPECT_EQ(error_of({"http://no-such-host.invalid/x"}).code, "http-no-proxy");
}

TEST(Http, TrustsOnlyKnownCertificates) {
  const testing::Folder folder;
  const auto key = folder.file("key"), certificate = folder.file("certificate");
  testing::Program({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost"})
      .output_with("it has ended, since it never writes this");
  const auto free_place = dead_place();
  const auto port = free_place.substr(free_place.find(':') + 1);
  testing::Program server({"openssl", "s_server", "-accept", port, "-www", "-cert", certificate, "-key", key});
  const auto output = server.output_with("ACCEPT");
  const auto unknown = error_of({"https://localhost:" + port + "/?" + secret});
  EXPECT_EQ(unknown.code, "http-tls") << output;
  EXPECT_EQ(unknown.where, "localhost:" + port);
  const Variable no_bundle("CURL_CA_BUNDLE", ""), trusted("SSL_CERT_FILE", certificate);
  const auto answer = ask({"https://localhost:" + port + "/"}, nullptr);
  ASSERT_TRUE(answer) << to_text(answer.error());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(error_of({"https://127.0.0.1:" + port + "/"}).code, "http-tls");  // not the certificate's name
  Listener plain([](int connection) {
    char piece[4096];
    ::recv(connection, piece, sizeof piece, 0);
    const auto answer = http_answer(400, "");
    ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
  });
  EXPECT_EQ(error_of({"https://" + plain.place() + "/"}).code, "http-tls");
}

TEST(CurlLibrary, ThatIsMissingSaysWhatToInstall) {
  const auto missing = load_curl({"libno-such-curl.so.4", "libm.so.6"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "no-libcurl");
  EXPECT_NE(missing.error().message.find("libno-such-curl.so.4"), std::string::npos);
  EXPECT_NE(missing.error().hint.find("apt-get install libcurl4"), std::string::npos);
  EXPECT_FALSE(load_curl({"libm.so.6"}));  // a library, but not this one
}

}  // namespace
}  // namespace segue::hooks
