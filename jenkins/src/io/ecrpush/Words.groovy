package io.ecrpush

import com.cloudbees.groovy.cps.NonCPS
import groovy.json.JsonSlurper

/** Pure functions of texts. Jenkins' script sandbox knows Math.min, and min of a list only with a closure. */
class Words implements Serializable {

    private static final long serialVersionUID = 1L

    /** "; did you mean 'x'?" for a word that is close to a known one, else "". */
    @NonCPS
    static String didYouMean(String word, List<String> known) {
        String best = known.min { String one -> distance(plain(word), plain(one)) }
        int allowed = Math.max(1, word.length().intdiv(3))
        return distance(plain(word), plain(best)) <= allowed ? "; did you mean '${best}'?".toString() : ''
    }

    /** fail-on and FAIL_ON are failOn. */
    @NonCPS
    private static String plain(String word) {
        return word.replaceAll('[-_]', '').toLowerCase(Locale.ROOT)
    }

    /** How many characters have to be added, taken away or replaced (Levenshtein). */
    @NonCPS
    private static int distance(String one, String other) {
        List<Integer> row = (0..other.length()).toList()
        for (int i = 1; i <= one.length(); i++) {
            List<Integer> next = [i]
            for (int j = 1; j <= other.length(); j++) {
                int replaced = row[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1)
                next << Math.min(replaced, Math.min(row[j] + 1, next[j - 1] + 1))
            }
            row = next
        }
        return row[other.length()]
    }

    /** What may be part of a file's name and of an address everywhere. */
    @NonCPS
    static String slug(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll('[^a-z0-9]+', '-').replaceAll('^-|-$', '')
    }

    /** JSON as maps and lists that Jenkins can keep; null for an empty text. */
    @NonCPS
    static Map json(String text) {
        return text.trim() ? (Map) kept(new JsonSlurper().parseText(text)) : null
    }

    /** The slurper's maps cannot be kept. Its sibling, whose can, is not allowed in Jenkins' script sandbox. */
    @NonCPS
    private static Object kept(Object value) {
        if (value instanceof Map) {
            return value.collectEntries { Object key, Object of -> [key, kept(of)] }
        }
        return value instanceof List ? value.collect { Object one -> kept(one) } : value
    }

}
