package planted

class ClosureInGString implements Serializable {

    String text(String name) {
        return "so ${ -> name } it is"
    }

}
