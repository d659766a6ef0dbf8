package planted

class ExpressionInCpsMethodNotSerializable implements Serializable {

    void look(String text) {
        java.util.regex.Matcher found = java.util.regex.Pattern.compile('a').matcher(text)
        found.find()
    }

}
