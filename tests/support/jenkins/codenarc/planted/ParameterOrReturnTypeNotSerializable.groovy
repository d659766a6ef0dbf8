package planted

class ParameterOrReturnTypeNotSerializable implements Serializable {

    Optional<String> first(List<String> names) {
        return Optional.of(names.first())
    }

}
