package shop.prices;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/** Prices: what everything costs, in which currency, and whether it is there. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) throws IOException {
        String listen = variable("LISTEN", "0.0.0.0:8080");
        int colon = listen.lastIndexOf(':');
        InetSocketAddress address =
                new InetSocketAddress(
                        listen.substring(0, colon), Integer.parseInt(listen.substring(colon + 1)));

        Neighbours neighbours =
                new Neighbours(
                        variable("STOCK_URL", "http://stock:8080"),
                        variable("EXCHANGE_URL", "http://exchange:8080"));
        Routes routes = new Routes(new Catalogue(), neighbours);

        HttpServer server = HttpServer.create(address, 0);
        server.createContext("/healthz", routes::health);
        server.createContext("/prices", routes::prices);
        server.createContext("/quote", routes::quote);
        server.setExecutor(Executors.newFixedThreadPool(8));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> server.stop(1)));
        server.start();
        System.out.println("listening on " + listen);
    }

    private static String variable(String name, String fallback) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? fallback : value;
    }
}
