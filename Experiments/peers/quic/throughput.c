// Requests and responses over QUIC on bare ngtcp2 and GnuTLS, written in C: what the engine of this
// laboratory is measured against.
//
// An arm of the experiment quic-throughput: it speaks JSON lines over its standard streams.
//
// The work: a client and a server in one process, a line of constant delay between them that loses
// nothing, a virtual clock. The client keeps so many requests outstanding, each on a bidirectional
// stream of its own; the server answers when a request's end has come. Both ends show a certificate
// and trust one authority, as the laboratory's arm does; settings and limits are the same. Payloads
// are filling in one static block, which nothing copies before ngtcp2 does.
//
// The CPU seconds are those of the whole exchange with its handshake.

#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <inttypes.h>
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { largest_payload = 1452, id_length = 8, largest_line = 1 << 16, filling_bytes = 1 << 16 };

static const char priorities[] =
    "%DISABLE_TLS13_COMPAT_MODE:NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM"
    ":+CHACHA20-POLY1305:-GROUP-ALL:+GROUP-X25519";
static const char server_name[] = "server.fleet";
static uint8_t filling[filling_bytes];

_Noreturn static void fail(const char *what, int code) {
  fprintf(stderr, "error: %s failed with code %d\n", what, code);
  exit(1);
}

static void check(int code, const char *what) {
  if (code != 0) fail(what, code);
}

static void *allocate(size_t count, size_t size) {
  void *memory = calloc(count, size);
  if (memory == NULL) fail("allocating memory", 0);
  return memory;
}

typedef struct {
  uint64_t requests, outstanding, request_bytes, response_bytes, delay;
} settings_t;

// A stream that has something to send.
typedef struct {
  int64_t id;
  uint64_t left;
} turn_t;

// A queue of turns in a ring.
typedef struct {
  turn_t *places;
  size_t capacity, first, count;
} turns_t;

static void turns_push(turns_t *turns, turn_t turn) {
  if (turns->count == turns->capacity) {
    const size_t capacity = turns->capacity == 0 ? 64 : 2 * turns->capacity;
    turn_t *places = allocate(capacity, sizeof(turn_t));
    for (size_t i = 0; i < turns->count; ++i)
      places[i] = turns->places[(turns->first + i) % turns->capacity];
    free(turns->places);
    *turns = (turns_t){places, capacity, 0, turns->count};
  }
  turns->places[(turns->first + turns->count) % turns->capacity] = turn;
  turns->count += 1;
}

static turn_t turns_pop(turns_t *turns) {
  const turn_t turn = turns->places[turns->first];
  turns->first = (turns->first + 1) % turns->capacity;
  turns->count -= 1;
  return turn;
}

typedef struct exchange exchange_t;

// One end of the connection.
typedef struct {
  exchange_t *exchange;
  ngtcp2_conn *conn;
  gnutls_session_t session;
  ngtcp2_crypto_conn_ref reference;
  struct sockaddr_in here, there;
  turns_t turns, blocked;
  bool is_server, is_established;
} end_t;

typedef struct {
  uint64_t arrival;
  uint16_t length;
  bool to_server;
  uint8_t bytes[largest_payload];
} datagram_t;

struct exchange {
  settings_t settings;
  gnutls_certificate_credentials_t credentials;
  end_t client, server;
  uint64_t now;
  // What is under way, in a ring, in the order of arrival.
  datagram_t *line;
  size_t line_capacity, line_first, line_count;
  uint64_t datagrams, payload_bytes, asked, answered;
};

static ngtcp2_conn *conn_of(ngtcp2_crypto_conn_ref *reference) {
  return ((end_t *)reference->user_data)->conn;
}

static void fill_random(uint8_t *memory, size_t count, const ngtcp2_rand_ctx *context) {
  (void)context;
  check(gnutls_rnd(GNUTLS_RND_NONCE, memory, count), "drawing random bytes");
}

static int new_connection_id(ngtcp2_conn *conn, ngtcp2_cid *id, uint8_t *token, size_t length,
                             void *user) {
  (void)conn, (void)user;
  fill_random(id->data, length, NULL);
  id->datalen = length;
  fill_random(token, NGTCP2_STATELESS_RESET_TOKENLEN, NULL);
  return 0;
}

static int path_challenge(ngtcp2_conn *conn, uint8_t *data, void *user) {
  (void)conn, (void)user;
  fill_random(data, NGTCP2_PATH_CHALLENGE_DATALEN, NULL);
  return 0;
}

static int stream_data(ngtcp2_conn *conn, uint32_t flags, int64_t id, uint64_t offset,
                       const uint8_t *data, size_t count, void *user, void *stream) {
  (void)offset, (void)data, (void)stream;
  end_t *end = user;
  exchange_t *exchange = end->exchange;
  exchange->payload_bytes += count;
  ngtcp2_conn_extend_max_stream_offset(conn, id, count);
  ngtcp2_conn_extend_max_offset(conn, count);
  if ((flags & NGTCP2_STREAM_DATA_FLAG_FIN) == 0) return 0;
  if (end->is_server)
    turns_push(&end->turns, (turn_t){id, exchange->settings.response_bytes});
  else
    exchange->answered += 1;
  return 0;
}

static int stream_closed(ngtcp2_conn *conn, uint32_t flags, int64_t id, uint64_t code, void *user,
                         void *stream) {
  (void)flags, (void)code, (void)user, (void)stream;
  if (!ngtcp2_conn_is_local_stream(conn, id)) ngtcp2_conn_extend_max_streams_bidi(conn, 1);
  return 0;
}

static int stream_extended(ngtcp2_conn *conn, int64_t id, uint64_t limit, void *user,
                           void *stream) {
  (void)conn, (void)limit, (void)stream;
  end_t *end = user;
  for (size_t i = end->blocked.count; i > 0; --i) {
    const turn_t turn = turns_pop(&end->blocked);
    turns_push(turn.id == id ? &end->turns : &end->blocked, turn);
  }
  return 0;
}

static int handshake_completed(ngtcp2_conn *conn, void *user) {
  (void)conn;
  ((end_t *)user)->is_established = true;
  return 0;
}

static ngtcp2_callbacks callbacks(bool is_server) {
  ngtcp2_callbacks table = {0};
  if (is_server) {
    table.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb;
  } else {
    table.client_initial = ngtcp2_crypto_client_initial_cb;
    table.recv_retry = ngtcp2_crypto_recv_retry_cb;
  }
  table.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb;
  table.encrypt = ngtcp2_crypto_encrypt_cb;
  table.decrypt = ngtcp2_crypto_decrypt_cb;
  table.hp_mask = ngtcp2_crypto_hp_mask_cb;
  table.update_key = ngtcp2_crypto_update_key_cb;
  table.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb;
  table.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb;
  table.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
  table.rand = fill_random;
  table.get_new_connection_id = new_connection_id;
  table.get_path_challenge_data = path_challenge;
  table.recv_stream_data = stream_data;
  table.stream_close = stream_closed;
  table.extend_max_stream_data = stream_extended;
  table.handshake_completed = handshake_completed;
  return table;
}

// One certificate that both ends show, signed by itself, which both trust.
static gnutls_certificate_credentials_t make_credentials(void) {
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t certificate;
  check(gnutls_x509_privkey_init(&key), "making a key");
  check(gnutls_x509_privkey_generate(key, GNUTLS_PK_EDDSA_ED25519,
                                     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519), 0),
        "making a key");
  check(gnutls_x509_crt_init(&certificate), "making a certificate");
  const uint8_t serial = 1;
  const time_t now = time(NULL);
  gnutls_x509_crt_set_version(certificate, 3);
  gnutls_x509_crt_set_serial(certificate, &serial, sizeof serial);
  gnutls_x509_crt_set_activation_time(certificate, now - 86400);
  gnutls_x509_crt_set_expiration_time(certificate, now + 86400);
  gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, server_name,
                                sizeof server_name - 1);
  gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, server_name,
                                       sizeof server_name - 1, GNUTLS_FSAN_SET);
  gnutls_x509_crt_set_basic_constraints(certificate, 1, 0);
  check(gnutls_x509_crt_set_key(certificate, key), "making a certificate");
  check(gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA512, 0),
        "signing a certificate");
  gnutls_certificate_credentials_t credentials;
  check(gnutls_certificate_allocate_credentials(&credentials), "keeping a certificate");
  check(gnutls_certificate_set_x509_key(credentials, &certificate, 1, key),
        "keeping a certificate");
  if (gnutls_certificate_set_x509_trust(credentials, &certificate, 1) != 1)
    fail("trusting a certificate", 0);
  gnutls_x509_crt_deinit(certificate);
  gnutls_x509_privkey_deinit(key);
  return credentials;
}

static struct sockaddr_in address(const char *host) {
  struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(4433)};
  inet_pton(AF_INET, host, &place.sin_addr);
  return place;
}

static ngtcp2_path path_of(end_t *end) {
  return (ngtcp2_path){
      .local = {(ngtcp2_sockaddr *)&end->here, sizeof end->here},
      .remote = {(ngtcp2_sockaddr *)&end->there, sizeof end->there},
  };
}

static void begin_session(end_t *end) {
  const unsigned flags = end->is_server
                             ? GNUTLS_SERVER | GNUTLS_ENABLE_EARLY_DATA |
                                   GNUTLS_NO_AUTO_SEND_TICKET | GNUTLS_NO_END_OF_EARLY_DATA
                             : GNUTLS_CLIENT | GNUTLS_ENABLE_EARLY_DATA |
                                   GNUTLS_NO_END_OF_EARLY_DATA;
  check(gnutls_init(&end->session, flags), "making a session");
  check(gnutls_priority_set_direct(end->session, priorities, NULL), "choosing ciphers");
  check(end->is_server ? ngtcp2_crypto_gnutls_configure_server_session(end->session)
                       : ngtcp2_crypto_gnutls_configure_client_session(end->session),
        "joining QUIC and TLS");
  end->reference = (ngtcp2_crypto_conn_ref){conn_of, end};
  gnutls_session_set_ptr(end->session, &end->reference);
  check(gnutls_credentials_set(end->session, GNUTLS_CRD_CERTIFICATE, end->exchange->credentials),
        "using a certificate");
  gnutls_datum_t protocol = {(unsigned char *)"throughput/1", 12};
  check(gnutls_alpn_set_protocols(end->session, &protocol, 1, GNUTLS_ALPN_MANDATORY),
        "naming the protocol");
  if (end->is_server) {
    gnutls_certificate_server_set_request(end->session, GNUTLS_CERT_REQUIRE);
    gnutls_session_set_verify_cert(end->session, NULL, 0);
  } else {
    check(gnutls_server_name_set(end->session, GNUTLS_NAME_DNS, server_name,
                                 sizeof server_name - 1),
          "naming the server");
    gnutls_session_set_verify_cert(end->session, server_name, 0);
  }
}

// Opens an end; the server's begins with the header of the client's first packet.
static void begin(end_t *end, exchange_t *exchange, const ngtcp2_pkt_hd *first) {
  *end = (end_t){.exchange = exchange, .is_server = first != NULL};
  end->here = address(first != NULL ? "10.0.0.2" : "10.0.0.1");
  end->there = address(first != NULL ? "10.0.0.1" : "10.0.0.2");
  begin_session(end);
  const ngtcp2_callbacks table = callbacks(end->is_server);
  ngtcp2_settings settings;
  ngtcp2_settings_default(&settings);
  settings.initial_ts = exchange->now;
  settings.cc_algo = NGTCP2_CC_ALGO_CUBIC;
  ngtcp2_transport_params limits;
  ngtcp2_transport_params_default(&limits);
  limits.initial_max_streams_bidi = limits.initial_max_streams_uni = 1000;
  limits.initial_max_stream_data_bidi_local = limits.initial_max_stream_data_bidi_remote = 1 << 20;
  limits.initial_max_stream_data_uni = 1 << 20;
  limits.initial_max_data = 16 << 20;
  limits.max_datagram_frame_size = 65527;
  limits.active_connection_id_limit = 7;
  ngtcp2_cid source, destination;
  source.datalen = id_length;
  destination.datalen = 16;
  fill_random(source.data, source.datalen, NULL);
  fill_random(destination.data, destination.datalen, NULL);
  const ngtcp2_path path = path_of(end);
  if (first != NULL) {
    limits.original_dcid = first->dcid;
    check(ngtcp2_conn_server_new(&end->conn, &first->scid, &source, &path, first->version, &table,
                                 &settings, &limits, NULL, end),
          "accepting a connection");
  } else {
    check(ngtcp2_conn_client_new(&end->conn, &destination, &source, &path, NGTCP2_PROTO_VER_V1,
                                 &table, &settings, &limits, NULL, end),
          "opening a connection");
  }
  ngtcp2_conn_set_tls_native_handle(end->conn, end->session);
}

static void finish(end_t *end) {
  if (end->conn == NULL) return;
  ngtcp2_conn_del(end->conn);
  gnutls_deinit(end->session);
  free(end->turns.places);
  free(end->blocked.places);
}

// The place behind the last datagram on the line.
static datagram_t *next_place(exchange_t *exchange) {
  if (exchange->line_count == exchange->line_capacity) {
    const size_t capacity = exchange->line_capacity == 0 ? 64 : 2 * exchange->line_capacity;
    datagram_t *line = allocate(capacity, sizeof(datagram_t));
    for (size_t i = 0; i < exchange->line_count; ++i)
      line[i] = exchange->line[(exchange->line_first + i) % exchange->line_capacity];
    free(exchange->line);
    exchange->line = line;
    exchange->line_capacity = capacity;
    exchange->line_first = 0;
  }
  return &exchange->line[(exchange->line_first + exchange->line_count) % exchange->line_capacity];
}

// Fills one datagram in place with whatever fits; its length, or 0 for none.
static ngtcp2_ssize fill_one(end_t *end, uint8_t *packet) {
  ngtcp2_path_storage path;
  ngtcp2_path_storage_zero(&path);
  ngtcp2_pkt_info info;
  while (true) {
    if (end->turns.count == 0)
      return ngtcp2_conn_writev_stream(end->conn, &path.path, &info, packet, largest_payload, NULL,
                                       0, -1, NULL, 0, end->exchange->now);
    turn_t *turn = &end->turns.places[end->turns.first];
    const uint64_t piece = turn->left < filling_bytes ? turn->left : filling_bytes;
    const ngtcp2_vec vector = {filling, piece};
    const uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_MORE |
                           (piece == turn->left ? NGTCP2_WRITE_STREAM_FLAG_FIN : 0);
    ngtcp2_ssize taken = -1;
    const ngtcp2_ssize count =
        ngtcp2_conn_writev_stream(end->conn, &path.path, &info, packet, largest_payload, &taken,
                                  flags, turn->id, &vector, 1, end->exchange->now);
    const bool is_done = taken >= 0 && (uint64_t)taken == turn->left;
    if (taken > 0) turn->left -= (uint64_t)taken;
    if (count == NGTCP2_ERR_STREAM_DATA_BLOCKED) {
      turns_push(&end->blocked, turns_pop(&end->turns));
      continue;
    }
    if (count == NGTCP2_ERR_STREAM_SHUT_WR || count == NGTCP2_ERR_STREAM_NOT_FOUND || is_done)
      turns_pop(&end->turns);
    else if (count > 0 && end->turns.count > 1)
      turns_push(&end->turns, turns_pop(&end->turns));
    if (count >= 0) return count;
    if (count != NGTCP2_ERR_WRITE_MORE && count != NGTCP2_ERR_STREAM_SHUT_WR &&
        count != NGTCP2_ERR_STREAM_NOT_FOUND)
      fail("writing a packet", (int)count);
  }
}

static void speak(end_t *end) {
  if (end->conn == NULL) return;
  exchange_t *exchange = end->exchange;
  const bool is_paced = end->is_established;
  const size_t quantum = is_paced ? ngtcp2_conn_get_send_quantum(end->conn) : SIZE_MAX;
  size_t spent = 0;
  while (spent < quantum) {
    datagram_t *place = next_place(exchange);
    const ngtcp2_ssize count = fill_one(end, place->bytes);
    if (count == 0) break;
    place->arrival = exchange->now + exchange->settings.delay;
    place->length = (uint16_t)count;
    place->to_server = !end->is_server;
    exchange->line_count += 1;
    exchange->datagrams += 1;
    spent += (size_t)count;
  }
  if (is_paced && spent > 0) ngtcp2_conn_update_pkt_tx_time(end->conn, exchange->now);
}

static void take(exchange_t *exchange, const datagram_t *datagram) {
  end_t *end = datagram->to_server ? &exchange->server : &exchange->client;
  if (end->conn == NULL) {
    ngtcp2_pkt_hd first;
    check(ngtcp2_accept(&first, datagram->bytes, datagram->length), "accepting a packet");
    begin(end, exchange, &first);
  }
  const ngtcp2_path path = path_of(end);
  const ngtcp2_pkt_info info = {0};
  check(ngtcp2_conn_read_pkt(end->conn, &path, &info, datagram->bytes, datagram->length,
                             exchange->now),
        "reading a packet");
}

static void expire(end_t *end) {
  if (end->conn == NULL || ngtcp2_conn_get_expiry(end->conn) > end->exchange->now) return;
  check(ngtcp2_conn_handle_expiry(end->conn, end->exchange->now), "handling a deadline");
}

// Moves time on to the next arrival or deadline, and lets it happen; false when there is none.
static bool move_on(exchange_t *exchange) {
  uint64_t next = UINT64_MAX;
  if (exchange->line_count > 0) next = exchange->line[exchange->line_first].arrival;
  end_t *ends[] = {&exchange->client, &exchange->server};
  for (int i = 0; i < 2; ++i) {
    if (ends[i]->conn == NULL) continue;
    const uint64_t expiry = ngtcp2_conn_get_expiry(ends[i]->conn);
    if (expiry < next) next = expiry;
  }
  if (next == UINT64_MAX) return false;
  if (next > exchange->now) exchange->now = next;
  while (exchange->line_count > 0 &&
         exchange->line[exchange->line_first].arrival <= exchange->now) {
    take(exchange, &exchange->line[exchange->line_first]);
    exchange->line_first = (exchange->line_first + 1) % exchange->line_capacity;
    exchange->line_count -= 1;
  }
  expire(&exchange->client);
  expire(&exchange->server);
  return true;
}

static double process_seconds(void) {
  struct timespec now;
  check(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now), "reading the CPU clock");
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// Makes all requests; false when the ends had nothing left to do before.
static bool run(exchange_t *exchange) {
  begin(&exchange->client, exchange, NULL);
  const settings_t *settings = &exchange->settings;
  do {
    while (exchange->asked < settings->requests &&
           exchange->asked - exchange->answered < settings->outstanding) {
      int64_t id;
      if (ngtcp2_conn_open_bidi_stream(exchange->client.conn, &id, NULL) != 0) break;
      turns_push(&exchange->client.turns, (turn_t){id, settings->request_bytes});
      exchange->asked += 1;
    }
    speak(&exchange->client);
    speak(&exchange->server);
  } while (exchange->answered < settings->requests && move_on(exchange));
  return exchange->answered == settings->requests;
}

// The place of a key's value in a line of JSON, or NULL. Each key that is looked for stands in the
// runner's requests once.
static const char *value_of(const char *line, const char *key) {
  char quoted[64];
  snprintf(quoted, sizeof quoted, "\"%s\"", key);
  const char *place = strstr(line, quoted);
  if (place == NULL) return NULL;
  place += strlen(quoted);
  place += strspn(place, " \t");
  if (*place != ':') return NULL;
  return place + 1 + strspn(place + 1, " \t");
}

static bool read_count(const char *line, const char *key, uint64_t least, uint64_t most,
                       uint64_t *value) {
  const char *place = value_of(line, key);
  if (place == NULL || *place < '0' || *place > '9') return false;
  char *end = NULL;
  *value = strtoull(place, &end, 10);
  return (*end == ',' || *end == '}' || *end == ' ') && *value >= least && *value <= most;
}

// A duration in seconds, into whole nanoseconds.
static bool read_duration(const char *line, const char *key, uint64_t *value) {
  const char *place = value_of(line, key);
  if (place == NULL || *place < '0' || *place > '9') return false;
  char *end = NULL;
  const double seconds = strtod(place, &end);
  if ((*end != ',' && *end != '}' && *end != ' ') || !(seconds <= 1000)) return false;
  *value = (uint64_t)(seconds * 1e9 + 0.5);
  return true;
}

static void answer(const char *line, gnutls_certificate_credentials_t credentials) {
  uint64_t trial;
  if (!read_count(line, "trial", 0, UINT64_MAX, &trial)) fail("reading a request's trial", 0);
  exchange_t *exchange = allocate(1, sizeof(exchange_t));
  settings_t *settings = &exchange->settings;
  exchange->credentials = credentials;
  exchange->now = 1000000000;
  uint64_t total;
  if (!read_count(line, "total-bytes", 1, 100000000000, &total) ||
      !read_count(line, "outstanding", 1, 1000, &settings->outstanding) ||
      !read_count(line, "request-bytes", 1, 10000000, &settings->request_bytes) ||
      !read_count(line, "response-bytes", 1, 1000000000, &settings->response_bytes) ||
      !read_duration(line, "delay", &settings->delay)) {
    printf("{\"trial\":%" PRIu64 ",\"error\":\"total-bytes, outstanding, request-bytes, "
           "response-bytes or delay is missing or out of range\"}\n", trial);
    free(exchange);
    return;
  }
  settings->requests = total / settings->response_bytes;
  if (settings->requests == 0) settings->requests = 1;
  const double before = process_seconds();
  const bool is_whole = run(exchange);
  const double seconds = process_seconds() - before;
  if (!is_whole || seconds <= 0) {
    printf("{\"trial\":%" PRIu64 ",\"error\":\"%" PRIu64 " of %" PRIu64 " requests were answered "
           "in %g s\"}\n", trial, exchange->answered, settings->requests, seconds);
  } else {
    printf("{\"trial\":%" PRIu64 ",\"work\":%" PRIu64
           ",\"metrics\":{\"datagrams_per_second\":%.17g,\"datagrams\":%" PRIu64
           ",\"payload_bytes\":%" PRIu64 "}}\n",
           trial, settings->requests, (double)exchange->datagrams / seconds, exchange->datagrams,
           exchange->payload_bytes);
  }
  finish(&exchange->client);
  finish(&exchange->server);
  free(exchange->line);
  free(exchange);
}

int main(void) {
  static char line[largest_line];
  if (fgets(line, sizeof line, stdin) == NULL) return 1;
  gnutls_certificate_credentials_t credentials = make_credentials();
  printf("{\"fleetlab\":1,\"name\":\"quic-throughput-c\",\"version\":\"1.0\","
         "\"capabilities\":[]}\n");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != NULL && strstr(line, "\"run\"") != NULL) {
    answer(line, credentials);
    fflush(stdout);
  }
  gnutls_certificate_free_credentials(credentials);
}
