package io.ecrpush

import com.cloudbees.groovy.cps.NonCPS
import groovy.json.JsonSlurper

/** Pure functions of texts. Jenkins' script sandbox allows Math.min, and min of a list only with a closure. */
class Words implements Serializable {

    private static final long serialVersionUID = 1L

    /** Returns "; did you mean 'x'?" for a word that is close to a known one, else "". */
    @NonCPS
    static String didYouMean(String word, List<String> known) {
        String best = known.min { String one -> distance(plain(word), plain(one)) }
        int allowed = Math.max(1, word.length().intdiv(3))
        return distance(plain(word), plain(best)) <= allowed ? "; did you mean '${best}'?".toString() : ''
    }

    /** fail-on and FAIL_ON are equal to failOn. */
    @NonCPS
    static String plain(String word) {
        return word.replaceAll('[-_]', '').toLowerCase(Locale.ROOT)
    }

    /** The number of characters to add, remove or replace (Levenshtein). */
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

    /** Returns a text that may be a part of any file's name and of any URL. */
    @NonCPS
    static String slug(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll('[^a-z0-9]+', '-').replaceAll('^-|-$', '')
    }

    /** Returns the lines of a text that are not empty. */
    @NonCPS
    static List<String> lines(String text) {
        return text.split('\n').findAll { String one -> one }
    }

    /** Parses JSON to maps and lists that Jenkins can serialize; null for an empty text. */
    @NonCPS
    static Map json(String text) {
        return text.trim() ? (Map) serializable(new JsonSlurper().parseText(text)) : null
    }

    /** The slurper's maps are not serializable. JsonSlurperClassic is not allowed in Jenkins' script sandbox. */
    @NonCPS
    private static Object serializable(Object value) {
        if (value instanceof Map) {
            return value.collectEntries { Object key, Object of -> [key, serializable(of)] }
        }
        return value instanceof List ? value.collect { Object one -> serializable(one) } : value
    }

}
