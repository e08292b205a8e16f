public class Sleeper {
    public static void main(String[] words) throws Exception {
        System.in.read();
    }
}
